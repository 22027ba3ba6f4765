// SPDX-License-Identifier: MIT
// The probebench that measures one side of a comparison, as a process of its own: another build speaks its
// own agent's language, and every visit begins fresh.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "gate/requested_side.h"
#include "plan/plan_options.h"

namespace probebench::gate {

// What both sides are measured with: words of the command line, for another build may know others.
struct SideSettings {
  plan::PlanOptions plan = {};
  std::string kernels = "auto";
  std::filesystem::path headers = {};
  std::filesystem::path kernels_file = {};
  std::filesystem::path kernel_cache = {};
  std::string accel = "auto";
  std::string archs = {};  // empty: the default
  std::string target = "auto";
  std::vector<std::string> machine = {};  // options of every machine
  unsigned jobs = 0;                      // machines at once; 0: the default
  std::vector<std::string> native = {};   // options of a running kernel alone
  std::string workload = {};              // of sides that are probes
  bool probes_paths = false;              // of their hits, recorded in the boot that counts
};

struct SideProgram {
  std::string role;  // "base", "head"
  RequestedSide requested;
  std::filesystem::path program;
  std::filesystem::path agent;
  std::filesystem::path root;  // the checkout its module is built from

  // "kernel 6.1, mitigations=off"; "this build" when nothing was requested.
  std::string title() const;
};

// build=DIR is a checkout that was built, or a build directory in one.
Result<SideProgram> find_side_program(std::string role, const RequestedSide& requested);

// A run of that side into `output`; `filter` chooses cells, empty: those of the settings.
Command side_command(const SideProgram& side, const SideSettings& settings,
                     const std::filesystem::path& output, const std::string& filter);

// The paths of hits of the cells that `filter` chooses, into `output`.
Command side_paths_command(const SideProgram& side, const SideSettings& settings,
                           const std::filesystem::path& output, const std::string& filter);

}  // namespace probebench::gate
