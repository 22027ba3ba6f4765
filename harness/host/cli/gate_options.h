// SPDX-License-Identifier: MIT
// The command lines of `compare`, `gate` and `baseline update`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench {

struct Options;

// What one side of a measured comparison is; what is empty is as everywhere.
struct SideWish {
  std::string kernel;           // --base kernel=6.1
  std::filesystem::path build;  // --base build=DIR
  std::string kernel_args;      // --base arg=mitigations=off
  std::string handler;          // --base handler=count

  bool operator==(const SideWish&) const = default;
};

struct GateOptions {
  std::string a;                  // a side; or a session's directory; or the run to accept
  std::string b;                  // the other side
  std::vector<std::string> base;  // NAME=VALUE
  std::vector<std::string> head;
  std::filesystem::path limits;  // empty: nothing may change
  std::string format = "table";
  std::vector<std::string> exports;  // FORMAT=FILE
  std::vector<std::string> may_differ;
  std::filesystem::path baselines;  // empty: the project's
  unsigned pairs = 20;
  bool no_confirmation = false;
  bool no_anatomy = false;  // a session does not record the paths of counts that differ
  std::string reason;       // baseline update

  bool measures() const { return !base.empty() || !head.empty(); }
};

// The three subcommands; they write to `options`, which has to outlive the app.
struct GateApps {
  CLI::App* compare = nullptr;
  CLI::App* gate = nullptr;
  CLI::App* baseline = nullptr;
  CLI::App* update = nullptr;
};

GateApps add_gate_commands(CLI::App& app, Options& options);
Status check_gate_options(const Options& options);

// "kernel=6.1" and so on, all of one side. Errors are usage errors.
Result<SideWish> side_wish(std::string_view option, const std::vector<std::string>& parts);

}  // namespace probebench
