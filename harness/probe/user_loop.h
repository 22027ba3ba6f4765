// SPDX-License-Identifier: MIT
// A window that user space times itself: a fenced clock around a loop of calls, and what disturbed it.
#pragma once

#include <cstdint>

#include "model/sample.h"
#include "probe/rig.h"
#include "probe/user_sites.h"

namespace probebench {

// Limits of windows that user space times: nothing is locked out meanwhile, they only have to end before the
// scheduler's slice does.
RigLimits user_limits(std::uint64_t tsc_khz, ClockKind clock);

// Runs the loop on the calling thread. Hits are the caller's to fill in.
Window time_calls(UserFunction function, std::uint32_t calls);

// Sleeps as shortly as possible: the thread comes back with a fresh time slice, and where nothing else runs
// just behind a timer interrupt, so that the next one is a while away.
void yield_until_tick();

// Keeps the calling thread on the CPU that it runs on, for as long as it lives; per-CPU counts need it.
Status stay_on_this_cpu();

}  // namespace probebench
