// SPDX-License-Identifier: MIT
#include "reproduce/pruning.h"

#include <algorithm>

namespace probebench::reproduce {
namespace {

std::optional<double> percent_of(const std::optional<double>& slowdown) {
  if (!slowdown) return std::nullopt;
  return (*slowdown - 1) * 100;
}

std::optional<stats::Interval> range_of(const PredictedRow& row) {
  if (!row.slowdown) return std::nullopt;
  const auto [least_base, most_base] = std::ranges::minmax(row.base);
  const auto [least, most] = std::ranges::minmax(row.told.armed_per_op);
  return stats::Interval{*percent_of(least / most_base), *percent_of(most / least_base)};
}

bool is_of(const PredictedWorkload& workload, const PrunedSuite& pruned) {
  return workload.told.suite == pruned.suite &&
         std::ranges::find(pruned.workloads, workload.told.id) != pruned.workloads.end();
}

const PredictedRow* row_of(const std::vector<PredictedRow>& rows, SuiteMechanism mechanism,
                           std::uint32_t set) {
  const auto found = std::ranges::find_if(rows, [&](const PredictedRow& row) {
    return row.told.mechanism == mechanism && row.told.pruned == set;
  });
  return found == rows.end() ? nullptr : &*found;
}

void add_workload(Pruning& pruning, const PredictedWorkload& workload) {
  const auto* whole = row_of(workload.rows, pruning.told.mechanism, 0);
  if (whole == nullptr || whole->told.status != CellStatus::measured) return;
  const auto* last =
      pruning.told.sets == 0 ? whole : row_of(workload.pruned, pruning.told.mechanism, pruning.told.sets);
  pruning.sites = whole->told.sites;
  pruning.kept = last == nullptr ? pruning.kept : last->told.sites;
  std::uint32_t most = 0;
  for (const auto& state : whole->told.states) {
    if (state.sites <= most) continue;
    most = state.sites;
    pruning.state = state.state;
  }
  PrunedWorkload made{.id = workload.told.id, .whole = percent_of(whole->slowdown)};
  if (last != nullptr) {
    made.predicted = percent_of(last->predicted_slowdown);
    made.measured = percent_of(last->slowdown);
    made.range = range_of(*last);
  }
  pruning.workloads.push_back(made);
}

}  // namespace

bool Pruning::confirmed() const {
  return told.status == CellStatus::measured && !workloads.empty() &&
         std::ranges::all_of(workloads, [&](const PrunedWorkload& one) {
           return one.measured && *one.measured < told.line_percent;
         });
}

std::size_t Pruning::above() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      workloads, [&](const PrunedWorkload& one) { return one.whole && *one.whole >= told.line_percent; }));
}

std::vector<Pruning> prunings_of(const std::vector<PrunedSuite>& told,
                                 const std::vector<PredictedWorkload>& workloads) {
  std::vector<Pruning> made;
  for (const auto& one : told) {
    auto& pruning = made.emplace_back(Pruning{.told = one});
    for (const auto& workload : workloads) {
      if (is_of(workload, one)) add_workload(pruning, workload);
    }
  }
  return made;
}

const Pruning* find_pruning(const std::vector<Pruning>& prunings, SuiteMechanism mechanism) {
  const auto found = std::ranges::find_if(prunings, [&](const Pruning& one) {
    return one.told.mechanism == mechanism && one.told.status == CellStatus::measured &&
           !one.workloads.empty();
  });
  return found == prunings.end() ? nullptr : &*found;
}

}  // namespace probebench::reproduce
