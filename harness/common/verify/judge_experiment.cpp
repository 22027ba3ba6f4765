// SPDX-License-Identifier: MIT
#include "verify/judge_experiment.h"

#include <fmt/format.h>

namespace probebench::verify {

std::optional<std::string> judge(const SurfacePoint& point, double base_after, ClockKind clock) {
  if (!point.hits.equal()) {
    return fmt::format("{} hits of {} were counted, {} missed", point.hits.counted, point.hits.expected,
                       point.hits.missed);
  }
  if (counts_instructions(clock) && base_after != point.base_per_op) {
    return fmt::format("an operation with nothing armed cost {:.1f} before and {:.1f} after",
                       point.base_per_op, base_after);
  }
  return std::nullopt;
}

std::optional<std::string> judge(const KretprobeMisses& misses) {
  if (misses.hits + misses.missed == misses.calls) return std::nullopt;
  return fmt::format("{} hits and {} misses of {} calls", misses.hits, misses.missed, misses.calls);
}

}  // namespace probebench::verify
