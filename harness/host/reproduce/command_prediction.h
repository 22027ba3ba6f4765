// SPDX-License-Identifier: MIT
// What probes would cost a command: hits that were counted, times what a hit was measured to cost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/predict.h"
#include "model/run_record.h"

namespace probebench::reproduce {

struct Span {
  double value = 0;
  double low = 0;
  double high = 0;

  bool operator==(const Span&) const = default;
};

struct SitePrediction {
  SiteCount told;
  std::optional<Span> hits;     // the median run, the least and the most
  std::optional<Span> cost;     // of a hit, in the clock's unit
  std::optional<Span> per_run;  // of a run of the command
  std::string reason;           // why one of them is missing; empty: none is
};

struct CommandPrediction {
  PredictCounts told;
  std::optional<Span> base;  // a run of the command with nothing armed
  std::vector<SitePrediction> sites;
  std::optional<Span> overhead_percent;  // of all sites together; absent when one has no figure
};

// Sites differ in their instruction and in how many probes share their hash bucket. The interval is widened
// by the error seen in the predictions of this project's own workloads.
inline constexpr double kSiteVariation = 0.05;

// `cells` are those of the same target, with the handler that is asked about.
CommandPrediction prediction_of(const PredictCounts& counts, const std::vector<CellRecord>& cells);

}  // namespace probebench::reproduce
