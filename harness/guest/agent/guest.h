// SPDX-License-Identifier: MIT
// What PID 1 has to do for itself inside the virtual machine.
#pragma once

#include "base/result.h"

namespace probebench::agent {

// Mounts /proc, /sys, /dev, debugfs and tracefs.
Status mount_filesystems();

// Ends the machine at once; QEMU is started so that a reset ends it. Never returns.
[[noreturn]] void end_machine();

}  // namespace probebench::agent
