// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "anatomy/path.h"
#include "base/result.h"
#include "model/summary.h"

namespace probebench::anatomy {

// One turn of the loop that was marked: the last whole one, from the loop's head to its next arrival there.
// As many instructions as a call costs in a timed window, since that cost is a slope.
struct Turn {
  std::span<const Step> steps;
  std::uint64_t next = 0;  // the loop's head
};

// This many of the last turns must be identical, like the rounds of an exact count.
inline constexpr std::size_t kEqualTurns = kExactRounds;

// The loop's head is the first instruction that was executed once for each of `calls` calls. Turns that
// differ, or no such loop, are errors.
Result<Turn> last_turn(const Path& path, std::uint32_t calls);

}  // namespace probebench::anatomy
