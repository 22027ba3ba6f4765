// SPDX-License-Identifier: MIT
// What a run is asked to do. Which command asks makes no difference to it.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/plan_options.h"
#include "session/requested_target.h"
#include "vm/guest_program.h"
#include "vm/vm_target.h"

namespace probebench::session {

struct RunRequest {
  plan::PlanOptions plan;  // made anew for the clock of each target
  TargetChoice targets;
  std::filesystem::path kernels_file;  // another catalog; empty: the project's
  std::filesystem::path headers;       // build directory that goes with the one kernel that is a path
  bool refresh = false;                // look for newer kernel packages
  vm::Accel accel = vm::Accel::automatic;
  vm::ClockWish clock = vm::ClockWish::automatic;
  unsigned jobs = 0;                          // machines at once; 0: as many as there are CPUs
  std::chrono::seconds silence_deadline{60};  // a guest that says nothing for so long hangs
  bool records_paths = false;                 // of one hit of each cell; emulation only
  std::vector<vm::GuestProgram> programs;     // carried into a virtual machine
  bool tune = false;                          // native: change settings until the run is over
  bool strict = false;                        // native: an unfit machine is not measured
  bool keep_addresses = false;                // native: nothing is redacted
  std::filesystem::path output;               // empty: a new directory below the project's results
  std::string tool_version;                   // for the record
  std::vector<std::string> command;           // the command line, for the record
};

// What a request comes to before anything boots.
struct RunPreview {
  Plan plan;  // for the likely clock; for another, only its number of rounds can differ
  std::vector<RequestedTarget> targets;

  bool several() const { return targets.size() > 1; }
};

// Errors are usage errors, or a project or a catalog that cannot be read.
Result<RunPreview> preview_of(const RunRequest& request);

// Google Benchmark is asked to list the cells, and not to measure them.
bool lists_cells(const std::vector<std::string>& benchmark_args);

}  // namespace probebench::session
