// SPDX-License-Identifier: MIT
// What is done to the running machine before it is measured: leftovers put back, its fitness checked, and,
// when asked for, its settings changed until the run is over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "session/project_paths.h"
#include "session/run_request.h"
#include "session/run_watch.h"
#include "session/tuning.h"

namespace probebench::session {

struct NativeSetup {
  Tuning tuning;                   // restores when it goes
  std::vector<std::string> unfit;  // under --strict: why nothing may be measured
  UniqueFd awake;                  // while it is open no CPU sleeps deeply (--tune)
  std::optional<RunWatch> watch;   // begun just before the run
};

// Notes what an earlier run left and everything about the machine that is not as wanted.
Result<NativeSetup> set_up_native(const RunRequest& request, const ProjectPaths& project,
                                  kernels::Progress& progress);

// Puts back what a killed run left, and nothing else. Returns one line for each.
Result<std::vector<std::string>> put_back_leftovers(const ProjectPaths& project);

}  // namespace probebench::session
