// SPDX-License-Identifier: MIT
// From a flat path to calls within calls: how each instruction was arrived at, and how deep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anatomy/path.h"
#include "base/result.h"
#include "model/summary.h"
#include "verify/disassembler.h"

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

// system_call: from user space; it ends with an exception_return, too.
enum class Arrival { onward, jump, call, ret, exception, system_call, exception_return };

struct Visit {
  std::size_t depth = 0;  // calls and exceptions that the turn is in
  Arrival arrival = Arrival::onward;
  bool operator==(const Visit&) const = default;
};

// One visit for each step of the turn. A turn that leaves more than it entered, or does not come back to the
// depth that it began with, is an error: then some step is missing or the path is not what it is taken for.
Result<std::vector<Visit>> walk(const Turn& turn, const verify::Disassembler& disassembler);

}  // namespace probebench::anatomy
