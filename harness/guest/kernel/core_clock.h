// SPDX-License-Identifier: MIT
// How fast the core runs, where no counter says it: a chain of dependent additions takes one core clock each
// (kernel/arch.h), while the TSC goes on at its own fixed rate.
#pragma once

namespace probebench::kernel {

// TSC ticks that one core clock takes now, on the CPU that asks: 20 microseconds of work. A disturbance only
// adds, so the shortest of several chains is taken.
double ticks_per_core_clock();

}  // namespace probebench::kernel
