// SPDX-License-Identifier: MIT
// How a figure changed from base to head, without an opinion on it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gate/limits.h"
#include "gate/match.h"
#include "gate/session.h"
#include "gate/verdict.h"
#include "model/noise_advice.h"
#include "stats/robust.h"

namespace probebench::gate {

struct Change {
  std::string metric;
  Metric base;
  Metric head;
  double absolute = 0;
  std::optional<double> relative;                 // to the base; absent when the base is 0
  std::optional<stats::Interval> relative_range;  // noisy: what the two medians' intervals leave open

  bool exact() const;
  // Larger than the metric's own variation.
  bool significant() const;
};

// The metrics that both cells have, the one that is looked at first in front: counts, else core cycles, else
// ticks. Metrics of a cell that was not measured on both sides: none.
std::vector<Change> changes_of(const CellPair& pair);

struct ComparedCell {
  CellPair cells;
  std::vector<Change> changes;

  const Change* lead() const { return changes.empty() ? nullptr : &changes.front(); }
};

struct ComparedTarget {
  TargetPair targets;  // without cells
  std::vector<ComparedCell> cells;
};

// Cells with the largest significant change first, then the other changes, then cells without any.
std::vector<ComparedTarget> compare(std::vector<TargetPair> pairs);

// The order of compare(): true when `a` comes before `b`.
bool larger_change(const ComparedCell& a, const ComparedCell& b);

// Noisy metrics: what interleaved pairs prove.

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
