// SPDX-License-Identifier: MIT
// What one hit costs by mechanism, against both int3 denominators.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/handler.h"
#include "model/run_record.h"

namespace probebench::reproduce {

struct PerHitRow {
  Cell cell;
  ProbeState state = ProbeState::unknown;
  double per_hit = 0;  // in the target's clock unit
  // How many times dearer one hit by int3 is, with the same handler: the "10x" of the claims. Absent where
  // the target has no such int3.
  std::optional<double> ratio_to_stepped;
  std::optional<double> ratio_to_boosted;
};

struct PerHit {
  std::vector<PerHitRow> rows;
  std::string note;  // why a row that the claims are about is missing; empty: none is
  // Why this kernel, which was measured, optimizes nothing; empty: it does, or that is not known.
  std::string no_jump = {};
};

// `cells` are one target's.
PerHit per_hit_of(const std::vector<CellRecord>& cells);

// The measured row of a probe type in the helper module's loop; nullptr: none.
const PerHitRow* find_row(const PerHit& per_hit, ProbeType probe_type, HandlerChoice handler);

}  // namespace probebench::reproduce
