// SPDX-License-Identifier: MIT
#include "gate/compare.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/order.h"

namespace probebench::gate {
namespace {

Change change_of(const Figure& base, const Figure& head) {
  Change change{.metric = base.metric,
                .base = base.value,
                .head = head.value,
                .absolute = 0,
                .relative = {},
                .relative_range = {}};
  change.absolute = head.value.value - base.value.value;
  if (base.value.value != 0) change.relative = change.absolute / base.value.value;
  if (!change.exact() && base.value.low > 0) {
    change.relative_range = {head.value.low / base.value.high - 1, head.value.high / base.value.low - 1};
  }
  return change;
}

// In front what the gate leads with where time is measured; where instructions are counted there is none of
// these.
int leading_place_of(const Change& change) {
  const auto* info = find_metric(change.metric);
  if (info == nullptr || !info->gated) return 2;
  return info->leads == Leads::timed ? 0 : 1;
}

// Biggest first; a change from nothing is bigger than any.
double size_of(const Change& change) {
  if (change.absolute == 0) return 0;
  return change.relative ? std::abs(*change.relative) : HUGE_VAL;
}

std::tuple<bool, double, double> rank(const ComparedCell& cell) {
  const auto* lead = cell.lead();
  if (lead == nullptr) return {false, -1, 0};
  return {lead->significant(), size_of(*lead), std::abs(lead->absolute)};
}

}  // namespace

bool Change::exact() const {
  return base.metric_class == MetricClass::exact && head.metric_class == MetricClass::exact;
}

bool Change::significant() const {
  if (exact()) return absolute != 0;
  return relative_range && (relative_range->low > 0 || relative_range->high < 0);
}

std::vector<Change> changes_of(const CellPair& pair) {
  std::vector<Change> changes;
  if (!pair.base || !pair.head) return changes;
  for (const auto& base : pair.base->figures) {
    const auto* head = pair.head->find(base.metric);
    if (head != nullptr) changes.push_back(change_of(base, *head));
  }
  std::ranges::stable_sort(changes, {}, leading_place_of);
  return changes;
}

bool larger_change(const ComparedCell& a, const ComparedCell& b) {
  return rank(a) > rank(b);
}

std::vector<ComparedTarget> compare(std::vector<TargetPair> pairs) {
  std::vector<ComparedTarget> all;
  for (auto& pair : pairs) {
    ComparedTarget target;
    target.cells.reserve(pair.cells.size());
    for (auto& cell : pair.cells) {
      auto changes = changes_of(cell);
      target.cells.push_back({std::move(cell), std::move(changes)});
    }
    sort_large(target.cells, larger_change);
    pair.cells.clear();
    target.targets = std::move(pair);
    all.push_back(std::move(target));
  }
  return all;
}

}  // namespace probebench::gate
