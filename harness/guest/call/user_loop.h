// SPDX-License-Identifier: MIT
// A window that user space times itself: a fenced clock around a loop of calls, and what disturbed it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "call/user_sites.h"
#include "kernel/control.h"
#include "model/environment.h"
#include "model/sample.h"

namespace probebench::call {

// Limits of windows that user space times: nothing is locked out meanwhile, they only have to end before the
// scheduler's slice does.
kernel::RigLimits user_limits(std::uint64_t tsc_khz, ClockKind clock);

// When the timer interrupt came in last: the coarse clock moves with it and with nothing else.
std::uint64_t last_tick();

// What one thread's loop took, by a clock that all CPUs share.
struct TimedLoop {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Window window;                 // its ticks are joined()'s to fill in
  std::uint64_t interrupts = 0;  // where there is one CPU
  bool ticked = false;           // one of them was a timer's
};

// Runs the loop on the calling thread, clocked by the TSC; a marked one between the marker instructions
// (kmod/pb_marker.h). Hits are the caller's to fill in.
TimedLoop time_loop(UserFunction function, std::uint32_t calls, bool marked = false);

// Does it once, clocked by the TSC; the window's calls and hits are the caller's to fill in.
TimedLoop time_once(const std::function<void()>& act, bool marked = false);

// Whoever records paths looks at every instruction while this lives, which makes all of them several times
// slower; see kmod/pb_marker.h.
class PathsRecorded {
 public:
  PathsRecorded();
  PathsRecorded(const PathsRecorded&) = delete;
  PathsRecorded& operator=(const PathsRecorded&) = delete;
  ~PathsRecorded();
};

// The window of threads that ran at the same time: from the first begin to the last end.
Window joined(std::span<const TimedLoop> loops);

// Runs the loop on the calling thread alone.
Window time_calls(UserFunction function, std::uint32_t calls);

// Sleeps as shortly as possible: the thread comes back with a fresh time slice, and where nothing else runs
// just behind a timer interrupt, so that the next one is a while away.
void yield_until_tick();

// Keeps the calling thread on the CPU that it runs on, for as long as it lives; per-CPU counts need it.
Status stay_on_this_cpu();

}  // namespace probebench::call
