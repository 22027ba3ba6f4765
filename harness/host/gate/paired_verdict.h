// SPDX-License-Identifier: MIT
// Noisy metrics: what interleaved pairs prove.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "gate/limits.h"
#include "gate/session.h"
#include "gate/verdict.h"
#include "model/noise_advice.h"

namespace probebench::gate {

// What the pairs of a session say of a cell; shares, not logarithms.
struct PairedOpinion {
  std::size_t pairs = 0;
  double base = 0;  // medians of the visits, in the metric's unit
  double head = 0;
  double change = 0;  // median of head / base, less 1
  double low = 0;     // each end is missed with a probability of kMissShare
  double high = 0;
  double asked_floor = 0;  // smaller changes do not matter
  double floor = 0;        // smaller changes cannot be told from noise; at least `asked_floor`
  double p = 1;            // of "no more than the floor", corrected for the number of cells
  double control = 0;      // median of control / base, less 1
  bool control_moved = false;
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
// that survives Holm's correction; a confirmation, where there is one, must say the same.
std::map<std::string, PairedVerdict> paired_verdicts(const Session& session, const Limits& limits);

}  // namespace probebench::gate
