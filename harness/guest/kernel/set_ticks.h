// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "base/result.h"
#include "kernel/control.h"

namespace probebench::kernel {

// What the steps of the last probe set cost the kernel, in TSC ticks. Waiting until text is back is left out;
// unregistering includes the grace period that the kernel waits for.
struct SetTicks {
  std::uint64_t add = 0;
  std::uint64_t arm = 0;
  std::uint64_t disarm = 0;
  std::uint64_t remove = 0;
};

Result<SetTicks> last_set_ticks(const Control& control);

}  // namespace probebench::kernel
