// SPDX-License-Identifier: MIT
// From a request to a virtual machine that can be booted.
#pragma once

#include "base/result.h"
#include "session/project_paths.h"
#include "session/run_request.h"
#include "vm/vm_target.h"

namespace probebench::session {

// Where a run's kernels are looked up and kept.
Result<kernels::TargetPaths> target_paths(const RunRequest& run, const ProjectPaths& project);

// prepare_vm() for one of a run's targets.
Result<vm::PreparedVm> prepare_target(const RunRequest& run, const RequestedTarget& target,
                                      const ProjectPaths& project, kernels::Progress& progress);

}  // namespace probebench::session
