// SPDX-License-Identifier: MIT
// What interleaved pairs prove of noisy metrics.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "gate/limits.h"
#include "gate/session.h"
#include "gate/verdict.h"
#include "model/noise_advice.h"
#include "stats/slow_mode.h"

namespace probebench::gate {

// What the pairs of a session say of a cell; shares, not logarithms.
struct PairedOpinion {
  std::size_t pairs = 0;
  double base = 0;  // medians of the visits, in the metric's unit
  double head = 0;
  double change = 0;  // median of head / base, less 1
  double low = 0;     // each end is missed with a probability of at most kMissShare
  double high = 0;
  double asked_floor = 0;  // smaller changes do not matter
  double floor = 0;        // smaller changes cannot be told from noise; at least `asked_floor`
  double p = 1;            // of "no more than the floor", corrected for the number of cells
  double control = 0;      // median of control / base, less 1
  bool control_moved = false;
  stats::SlowMode slow;   // against the floor; its p is corrected for the number of cells
  double slow_doubt = 1;  // the same against what was asked for, of this cell alone
  bool confirmed = false;
};

inline constexpr double kMissShare = 0.01;
inline constexpr std::size_t kLeastPairs = 9;

struct PairedVerdict {
  Verdict verdict = Verdict::inconclusive;
  std::string why;
  std::optional<NoiseAdvice> advice;
  PairedOpinion opinion;
};

// Of every cell of the session, by name. A regression needs a lower bound above the floor and a sign test
// that survives Holm's correction, or a slow mode that grew; a confirmation, where there is one, must say the
// same.
std::map<std::string, PairedVerdict> paired_verdicts(const Session& session, const Limits& limits);

// With fewer pairs no regression of so many cells could ever be shown: even if all pairs were above the
// floor, the corrected sign test would not say so.
std::size_t pairs_needed(std::size_t cells);

// More than rounding: a change that is exactly the floor is not above it.
bool above_floor(double change, double floor);

}  // namespace probebench::gate
