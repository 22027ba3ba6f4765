// SPDX-License-Identifier: MIT
// All that `reproduce` says of one target.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/experiment.h"
#include "model/run_record.h"
#include "reproduce/fit.h"
#include "reproduce/per_hit.h"
#include "reproduce/prediction.h"
#include "reproduce/pruning.h"
#include "reproduce/time_model.h"
#include "reproduce/trap_time.h"
#include "reproduce/verdict.h"

namespace probebench::reproduce {

// What `reproduce` says of one target: everything that the target told, and what follows from it.

struct Reproduction {
  TargetRecord target;
  PerHit per_hit;
  std::vector<ModelledTime> modelled;  // where time was not measured
  std::optional<TimeCurve> curve;
  std::vector<TrapTime> traps;
  Experiments told;
  std::vector<Fit> fits;
  std::vector<PredictedWorkload> predictions;
  std::vector<Pruning> prunings;
  Findings findings;
  Verdict verdict;

  bool exact() const { return counts_instructions(target.info.clock); }
  std::string_view clock_unit() const { return info_of(target.info.clock.value_or(ClockKind::tsc)).unit; }
};

// `cells` are the target's.
Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told);

// What makes a run of experiments fail: "workload pipe under fentry (intrusion): invalid: why", one for each.
std::vector<std::string> failed_experiments(const Experiments& told);

}  // namespace probebench::reproduce
