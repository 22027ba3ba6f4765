// SPDX-License-Identifier: MIT
#include "reproduce/per_hit.h"

#include <fmt/format.h>

#include <algorithm>

namespace probebench::reproduce {
namespace {

// Begins the note of a kernel that was measured and does not optimize.
constexpr const char* kNoJump = "no jump at all here";

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

// Only a kernel that was measured and does not optimize supports "not so much"; one that could not be
// measured supports nothing.
std::string note_of(const std::vector<CellRecord>& cells, const std::vector<PerHitRow>& rows) {
  for (const auto& cell : cells) {
    const auto& result = cell.result;
    if (result.cell.probe_type != ProbeType::kprobe_optimized || result.status != CellStatus::skipped)
      continue;
    const auto* what = rows.empty() ? "nothing was measured" : kNoJump;
    return fmt::format("{}: {}", what, result.reason);
  }
  return {};
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
  made.note = note_of(cells, made.rows);
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
