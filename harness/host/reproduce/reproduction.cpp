// SPDX-License-Identifier: MIT
#include "reproduce/reproduction.h"

#include "reproduce/verdict.h"

namespace probebench::reproduce {

Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told) {
  Reproduction made;
  made.target = target;
  made.per_hit = per_hit_of(cells);
  if (made.exact()) made.modelled = modelled_times(made.per_hit);
  made.told = std::move(told);
  for (const auto& workload : made.told.workloads) {
    made.predictions.push_back(predict_workload(workload, made.per_hit));
  }
  made.fits = fit_surface(made.told.surface);
  made.verdict = verdict_of(made.per_hit, made.modelled, made.told.surface, made.predictions);
  return made;
}

}  // namespace probebench::reproduce
