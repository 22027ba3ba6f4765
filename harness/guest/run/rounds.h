// SPDX-License-Identifier: MIT
// How many calls a window makes, and the windows of one paired round.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/cell.h"
#include "model/sample.h"
#include "run/rig.h"

namespace probebench::run {

// The largest N of the series 1-2-5 for which a window of 2N calls stays within four fifths of the limit.
// A round number keeps raw samples readable; the fifth is for the counting handler of the verify windows,
// which is dearer than nop. At least 1, at most 1000: beyond that a noisy target gains nothing.
std::uint32_t choose_calls(std::uint64_t ticks_per_call, std::uint64_t tsc_khz, std::uint32_t max_window_ns);

// What stays the same in every window of a cell.
struct RoundSettings {
  Cell cell;
  std::uint32_t calls = 0;  // N
  bool rearm = false;       // register anew before each armed window
  bool is_time = false;     // the clock is time: how fast the core runs is read in each round
};

// N and 2N calls of one subject.
Result<WindowPair> run_pair(Rig& rig, const RoundSettings& settings, kernel::Subject subject,
                            Handler handler);

// Baseline and armed windows in the order asked for, then, for a handler that does not count, the same armed
// windows with the counting handler.
Result<Round> run_round(Rig& rig, const RoundSettings& settings, bool baseline_first);

}  // namespace probebench::run
