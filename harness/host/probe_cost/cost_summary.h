// SPDX-License-Identifier: MIT
// What the windows of a user's probe come to: the cost of a hit, and cost.json.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/cost.h"
#include "model/summary.h"
#include "probe_cost/handler_path.h"

namespace probebench::cost {

// Instructions.
struct CostFigures {
  double base = 0;  // of one operation, nothing armed
  double armed = 0;
  double per_hit = 0;                    // of all probes that an operation hits once each
  double spread = 0;                     // of the rounds: the largest less the smallest difference
  std::optional<double> bpf_stats = {};  // what the kernel's run statistics would say of a hit

  bool exact() const { return spread == 0; }
};

// Nothing: it was not measured.
std::optional<CostFigures> figures_of(const ProbeCost& cost);

// Where a hit was timed.
struct HitTime {
  Metric figure;          // as the cell of the run has it
  std::string unit;       // "ns", or "ticks" of a clock of unknown frequency
  double per_tick = 1.0;  // such units
};

struct TargetCost {
  std::string target;  // its id
  ProbeCost cost;
  std::optional<HandlerPath> path = {};  // where one was recorded, and adds up
  std::string recipe = {};               // of a suite; empty: of none
  std::optional<HitTime> time = {};      // where the clock counts no instructions
};
using Costs = std::vector<TargetCost>;

std::string write_costs(const Costs& costs, const std::vector<std::string>& command);

}  // namespace probebench::cost
