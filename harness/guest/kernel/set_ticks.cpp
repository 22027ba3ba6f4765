// SPDX-License-Identifier: MIT
#include "kernel/set_ticks.h"

#include <sys/ioctl.h>

#include "pb_abi.h"

namespace probebench::kernel {

Result<SetTicks> last_set_ticks(const Control& control) {
  pb_set_ticks raw{};
  if (::ioctl(control.device(), PB_IOC_SET_TICKS, &raw) != 0) {
    return errno_error(Fault::cell, "ask what a set's steps cost");
  }
  return SetTicks{raw.add, raw.arm, raw.disarm, raw.remove};
}

}  // namespace probebench::kernel
