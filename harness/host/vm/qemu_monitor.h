// SPDX-License-Identifier: MIT
// QEMU's monitor (QMP, docs/interop/qmp-spec.txt), for the one thing that needs it: saving a guest's state.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::vm {

struct MonitorEnds {
  UniqueFd ours;
  UniqueFd qemus;  // its number in QEMU is kMonitorFd
};

Result<MonitorEnds> monitor_ends();

// Writes the state of the running guest to `state`, which QEMU's -incoming reads, and ends QEMU. Bounded by a
// deadline; an infra error says what QEMU answered.
Status save_and_quit(int monitor, int state);

}  // namespace probebench::vm
