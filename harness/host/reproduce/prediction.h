// SPDX-License-Identifier: MIT
// What workloads and commands cost under probes, from their hits and what one hit costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/experiment.h"
#include "model/run_record.h"
#include "reproduce/per_hit.h"

namespace probebench::reproduce {

// What a workload costs under probes, from its hits and what one hit costs, beside what was measured.

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
  double base_per_op = 0;                 // the median of all rounds with nothing armed
  std::vector<PredictedRow> rows = {};    // of the whole suite
  std::vector<PredictedRow> pruned = {};  // of sets with sites left out
};

// A prediction further away than this has to be explained.
inline constexpr double kPredictionPercent = 10;

PredictedWorkload predict_workload(const Workload& workload, const PerHit& per_hit);

// What probes would cost a command: hits that were counted, times what a hit was measured to cost.

struct Span {
  double value = 0;
  double low = 0;
  double high = 0;

  bool operator==(const Span&) const = default;
};

// A probe that the user brings, with what `cost` measured of it.
struct OwnProbe {
  std::string type;                      // "bpf-object"
  std::string place;                     // its name
  std::optional<Span> cost = {};         // of all its programs together
  std::vector<std::string> priced = {};  // the programs that this is the cost of
  std::string reason = {};               // why there is none
};

struct SitePrediction {
  std::string type;             // as it is shown: of the probe,
  std::string place;            // and where it would be
  SiteCount told;               // without a site where the probe is the user's
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

// `cells` are those of the same target, with the handler that is asked about; `own` is the probe whose hits
// were counted in place of sites.
CommandPrediction prediction_of(const PredictCounts& counts, const std::vector<CellRecord>& cells,
                                const std::optional<OwnProbe>& own = {});

}  // namespace probebench::reproduce
