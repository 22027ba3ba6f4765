// SPDX-License-Identifier: MIT
#include "reproduce/per_hit.h"

#include <algorithm>

namespace probebench::reproduce {
namespace {

// Int3 on the very site of the jump. Its state says which of the two it is; where a kernel boosts it, stepped
// is an instruction that cannot be boosted.
std::optional<double> int3_cost(const std::vector<PerHitRow>& rows, HandlerChoice handler, ProbeState state) {
  const auto is = [&](ProbeType type) {
    return [&, type](const PerHitRow& row) {
      return row.cell.probe_type == type && row.cell.handler_choice() == handler && row.state == state &&
             row.cell.driver == DriverId::module;
    };
  };
  for (const auto type : {ProbeType::kprobe_unoptimized, ProbeType::kprobe_stepped}) {
    const auto row = std::ranges::find_if(rows, is(type));
    if (row != rows.end()) return row->per_hit;
  }
  return std::nullopt;
}

std::optional<double> ratio(std::optional<double> int3, double per_hit) {
  if (!int3 || per_hit <= 0) return std::nullopt;
  return *int3 / per_hit;
}

// Only a kernel that was measured and does not optimize has no jump; one that could not be measured shows
// nothing.
void note_absence(const std::vector<CellRecord>& cells, PerHit& per_hit) {
  for (const auto& cell : cells) {
    const auto& result = cell.result;
    if (result.cell.probe_type != ProbeType::kprobe_optimized || result.status != CellStatus::skipped)
      continue;
    if (per_hit.rows.empty()) {
      per_hit.note = "nothing was measured: " + result.reason;
    } else {
      per_hit.no_jump = result.reason;
      per_hit.note = "no jump at all here: " + result.reason;
    }
    return;
  }
}

}  // namespace

PerHit per_hit_of(const std::vector<CellRecord>& cells) {
  PerHit made;
  for (const auto& cell : cells) {
    const auto& cost = by_clock(cell.summary);
    if (cell.result.status != CellStatus::measured || !cost) continue;
    made.rows.push_back({cell.result.cell, cell.result.evidence.state, cost->value, {}, {}});
  }
  for (auto& row : made.rows) {
    const auto handler = row.cell.handler_choice();
    row.ratio_to_stepped = ratio(int3_cost(made.rows, handler, ProbeState::stepped), row.per_hit);
    row.ratio_to_boosted = ratio(int3_cost(made.rows, handler, ProbeState::boosted), row.per_hit);
  }
  note_absence(cells, made);
  return made;
}

const PerHitRow* find_row(const PerHit& per_hit, ProbeType probe_type, HandlerChoice handler) {
  const auto found = std::ranges::find_if(per_hit.rows, [&](const PerHitRow& row) {
    return row.cell.probe_type == probe_type && row.cell.handler_choice() == handler &&
           row.cell.driver == DriverId::module;
  });
  return found == per_hit.rows.end() ? nullptr : &*found;
}

}  // namespace probebench::reproduce
