// SPDX-License-Identifier: MIT
// What `reproduce` says of one target: everything that the target told, and what follows from it.
#pragma once

#include <string>
#include <vector>

#include "model/experiment.h"
#include "model/run_record.h"
#include "reproduce/fit.h"
#include "reproduce/modelled.h"
#include "reproduce/per_hit.h"
#include "reproduce/workload_prediction.h"

namespace probebench::reproduce {

struct Reproduction {
  TargetRecord target;
  PerHit per_hit;
  std::vector<ModelledTime> modelled;  // where time was not measured
  Experiments told;
  std::vector<Fit> fits;
  std::vector<PredictedWorkload> predictions;
  std::string verdict;  // one sentence

  bool exact() const { return counts_instructions(target.info.clock); }
  std::string_view clock_unit() const { return info_of(target.info.clock.value_or(ClockKind::tsc)).unit; }
};

// `cells` are the target's.
Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told);

}  // namespace probebench::reproduce
