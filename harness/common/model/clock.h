// SPDX-License-Identifier: MIT
// What the TSC of a target counts.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace probebench::inline model {

enum class ClockKind {
  instructions,   // executed guest instructions: TCG with -icount
  tsc,            // time: KVM or bare metal
  emulated_time,  // TCG without -icount: for tests only, never published
};

struct ClockInfo {
  ClockKind id;
  std::string_view name;     // in JSON and fingerprints
  std::string_view unit;     // of what is read from it
  std::string_view meaning;  // of a figure in that unit
};

inline constexpr std::array kClocks{
    ClockInfo{ClockKind::instructions, "instructions", "instructions", "executed instructions, not time"},
    ClockInfo{ClockKind::tsc, "tsc", "ticks", "ticks of the TSC"},
    ClockInfo{ClockKind::emulated_time, "emulated-time", "ticks", "emulated time, for tests only"},
};

constexpr const ClockInfo& info_of(ClockKind id) {
  return kClocks[static_cast<std::size_t>(id)];
}

// Not of a target that never came up: it has no clock.
constexpr bool counts_instructions(std::optional<ClockKind> clock) {
  return clock == ClockKind::instructions;
}

}  // namespace probebench::inline model
