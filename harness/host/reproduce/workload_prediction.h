// SPDX-License-Identifier: MIT
// What a workload costs under probes, from its hits and what one hit costs, beside what was measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/workload.h"
#include "reproduce/per_hit.h"

namespace probebench::reproduce {

struct PredictedRow {
  WorkloadRow told;
  std::vector<double> base = {};  // the rounds before arming and those after disarming
  double base_per_op = 0;         // their median
  double armed_per_op = 0;        // the median round
  double hits_per_op = 0;
  std::optional<double> slowdown = {};  // armed / base; absent when it was not measured
  std::optional<double> predicted_slowdown = {};
  // Of the overhead, not of the whole: (predicted - measured) / measured.
  std::optional<double> residual_percent = {};
  // Overheads smaller than this cannot be told from none: how far the rounds of the baseline and of the armed
  // windows are apart.
  double resolution_per_op = 0;
  bool resolved = false;
  std::string note = {};  // why there is no prediction, or what the residual is; empty: nothing to say
};

struct PredictedWorkload {
  Workload told;
  double base_per_op = 0;  // the median of all rounds with nothing armed
  std::vector<PredictedRow> rows = {};
};

// What one hit costs at a site in a state, with a handler; absent: no cell measured it.
std::optional<double> cost_of_hit(const PerHit& per_hit, SuiteMechanism mechanism, const StateHits& hits,
                                  HandlerChoice handler);

// A prediction further away than this has to be explained.
inline constexpr double kPredictionPercent = 10;

PredictedWorkload predict_workload(const Workload& workload, const PerHit& per_hit);

}  // namespace probebench::reproduce
