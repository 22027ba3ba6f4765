// SPDX-License-Identifier: MIT
// The command line of `gate`: of results that are there, or of two sides that are measured.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/comparison.h"
#include "cli/measuring.h"
#include "gate/gate_session.h"
#include "gate/side_program.h"

namespace probebench::cli {

struct GateOptions : MeasuringOptions {
  ComparisonOptions comparison;
  std::filesystem::path limits;         // empty: nothing may change
  std::vector<std::string> base_words;  // NAME=VALUE; take_options() makes `base` of them
  std::vector<std::string> head_words;
  std::vector<std::string> control_words;  // take_options() makes `control` of them
  std::string workload;                    // that hits probes of the user's
  gate::RequestedSide base;
  gate::RequestedSide head;
  gate::Control control;
  std::optional<unsigned> pairs;  // of noisy measurements
  bool no_confirmation = false;
  bool no_anatomy = false;  // a session does not record the paths of counts that differ

  bool measures() const { return !base_words.empty() || !head_words.empty(); }
  unsigned planned_pairs() const;
  // Empty: of x86-64; another build may not know the option.
  std::string asked_archs() const { return archs == MeasuringOptions().archs ? std::string() : archs; }
};

void add_options(CLI::App& app, GateOptions& options);
// The options are parsed. Errors are usage errors.
Status take_options(Arguments passed, GateOptions& options);

Result<CommandResult> perform(const GateOptions& options, const Arguments& line);

}  // namespace probebench::cli
