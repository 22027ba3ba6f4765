// SPDX-License-Identifier: MIT
// All that `reproduce` says of one target.
#pragma once

#include <string>
#include <vector>

#include "model/experiment.h"
#include "model/run_record.h"
#include "reproduce/fit.h"
#include "reproduce/per_hit.h"
#include "reproduce/prediction.h"

namespace probebench::reproduce {

// One sentence that reconciles "10x" (Hiramatsu) with "not so much" (Reeves) by what one target showed: the
// ratio of a hit, the slowdown at two corners of the surface, and that of whole workloads. Empty where no hit
// was measured.
std::string verdict_of(const PerHit& per_hit, const std::vector<ModelledTime>& modelled,
                       const std::vector<SurfacePoint>& surface,
                       const std::vector<PredictedWorkload>& workloads = {});

// What `reproduce` says of one target: everything that the target told, and what follows from it.

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
