// SPDX-License-Identifier: MIT
// From a request to a virtual machine that can be booted.
#pragma once

#include "base/result.h"
#include "session/project_paths.h"
#include "session/run_request.h"
#include "vm/vm_target.h"

namespace probebench {

// Where a run's kernels are looked up and kept.
Result<TargetPaths> target_paths(const RunRequest& run, const ProjectPaths& project);

// prepare_vm() for one of a run's targets.
Result<PreparedVm> prepare_target(const RunRequest& run, const RequestedTarget& target,
                                  const ProjectPaths& project, Progress& progress);

}  // namespace probebench
