// SPDX-License-Identifier: MIT
// A disk with the user's files, where the host gave the guest one.
#pragma once

#include "base/result.h"

namespace probebench::agent {

// Puts each file of it where it belongs, beside what the root has. All of it is read before anything else is
// done: no window waits for a disk, or has its interrupt.
Status mount_carried_disk();

}  // namespace probebench::agent
