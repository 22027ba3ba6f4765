// SPDX-License-Identifier: MIT
// How a figure changed from base to head, without an opinion on it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/match.h"
#include "stats/robust.h"

namespace probebench::gate {

struct Change {
  std::string_view metric;  // a name of kMetrics
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

}  // namespace probebench::gate
