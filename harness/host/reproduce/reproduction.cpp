// SPDX-License-Identifier: MIT
#include "reproduce/reproduction.h"

#include <fmt/format.h>

namespace probebench::reproduce {
namespace {

void add_failed(std::vector<std::string>& failed, const std::string& what, CellStatus status,
                const std::string& why) {
  if (status != CellStatus::errored && status != CellStatus::invalid) return;
  failed.push_back(fmt::format("{}: {}: {}", what, name_of(status), why));
}

void add_failed_rows(std::vector<std::string>& failed, const Workload& workload) {
  const auto name = info_of(workload.id).name;
  add_failed(failed, fmt::format("workload {} ({})", name, workload.suite), workload.status, workload.reason);
  for (const auto& row : workload.rows) {
    add_failed(failed,
               fmt::format("workload {} under {} ({})", name, info_of(row.mechanism).name, workload.suite),
               row.status, row.reason);
  }
}

}  // namespace

std::vector<std::string> failed_experiments(const Experiments& told) {
  std::vector<std::string> failed;
  for (const auto& point : told.surface)
    add_failed(failed, "surface " + point.setting.name(), point.status, point.reason);
  for (const auto& one : told.kretprobe_misses)
    add_failed(failed, fmt::format("misses with maxactive {}", one.maxactive), one.status, one.reason);
  for (const auto& trap : told.traps)
    add_failed(failed, fmt::format("trap {}", info_of(trap.kind).name), trap.status, trap.reason);
  for (const auto& workload : told.workloads) add_failed_rows(failed, workload);
  for (const auto& suite : told.pruned)
    add_failed(failed, fmt::format("pruning {} under {}", suite.suite, info_of(suite.mechanism).name),
               suite.status, suite.note);
  return failed;
}

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
