// SPDX-License-Identifier: MIT
// What a trap costs a process, by the traps that the target told, and what of that is the signal.
#pragma once

#include <optional>
#include <vector>

#include "model/environment.h"
#include "model/experiment.h"
#include "reproduce/prediction.h"

namespace probebench::reproduce {

// In the target's clock unit; the median of the rounds with its interval.
struct TrapTime {
  TrapCost told;
  Span whole;                       // the trap, its signal, the handler and the way back
  std::optional<Span> less_signal;  // beyond the same signal by a system call, round by round
};

// In the order in which they were told.
std::vector<TrapTime> trap_times(const std::vector<TrapCost>& told);

// One int3, in nanoseconds; absent where the clock is no time, or it was not measured.
std::optional<Span> int3_ns(const std::vector<TrapTime>& traps, const TargetInfo& target);

}  // namespace probebench::reproduce
