// SPDX-License-Identifier: MIT
// What the agent does with the machine: mounts, and its end.
#pragma once

#include "base/result.h"

namespace probebench::agent {

// What PID 1 has to do for itself inside the virtual machine.

// Mounts /proc, /sys, /dev, debugfs and tracefs.
Status mount_filesystems();

// Ends the machine at once; QEMU is started so that a reset ends it. Never returns.
[[noreturn]] void end_machine();

// Gives this process a tracefs where the machine has none mounted, in a mount namespace of its own: nobody
// else sees it, and it goes with the process. libbpf finds trace events there.
Status see_tracefs();

}  // namespace probebench::agent
