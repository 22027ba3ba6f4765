// SPDX-License-Identifier: MIT
// From options to a virtual machine that has been run, as `run` and `info` need it.
#pragma once

#include "base/result.h"
#include "cli/options.h"
#include "cli/wished_target.h"
#include "model/cell.h"
#include "session/project_paths.h"
#include "text/progress_bar.h"
#include "vm/vm_target.h"

namespace probebench {

// The clock that a plan is checked against before anything boots; what counts is told by VmAttempt.
ClockKind likely_clock(const Options& options);

// Where a command line's kernels are looked up and kept.
Result<TargetPaths> target_paths(const Options& options, const ProjectPaths& project);

// prepare_vm() for one of the command line's targets.
Result<PreparedVm> prepare_target(const Options& options, const WishedTarget& wish,
                                  const ProjectPaths& project, ConsoleProgress& progress);

}  // namespace probebench
