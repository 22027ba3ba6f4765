// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace probebench::kernel {

// The TSC's frequency, measured against CLOCK_MONOTONIC_RAW over some 50 ms: the kernel tells its own figure
// to nobody.
std::uint64_t measure_tsc_khz();

}  // namespace probebench::kernel
