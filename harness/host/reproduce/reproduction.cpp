// SPDX-License-Identifier: MIT
#include "reproduce/reproduction.h"

namespace probebench::reproduce {

Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told) {
  Reproduction made;
  made.target = target;
  made.per_hit = per_hit_of(cells);
  if (made.exact()) made.modelled = modelled_times(made.per_hit);
  made.traps = trap_times(told.traps);
  made.curve = time_curve(cells, int3_ns(made.traps, target.info));
  made.told = std::move(told);
  for (const auto& workload : made.told.workloads) {
    made.predictions.push_back(predict_workload(workload, made.per_hit));
  }
  made.prunings = prunings_of(made.told.pruned, made.predictions);
  made.fits = fit_surface(made.told.surface);
  made.findings = findings_of(target.info, made.per_hit, made.curve, made.predictions, made.prunings);
  made.verdict = verdict_of(made.findings);
  return made;
}

}  // namespace probebench::reproduce
