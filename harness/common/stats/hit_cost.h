// SPDX-License-Identifier: MIT
// What hits are worth: the cost of one by what was seen at its site, from the cells that measured it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/experiment.h"
#include "model/sample.h"

namespace probebench::stats {

struct HitCost {
  Cell cell;
  ProbeState state = ProbeState::unknown;
  double per_hit = 0;  // in the target's clock unit
};

// Absent: the cell was not measured.
std::optional<HitCost> hit_cost_of(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz);

// The cost of a hit of this type with this handler; of several cells the helper module's own loop first.
std::optional<double> cost_in(std::span<const HitCost> costs, ProbeType type, HandlerChoice handler,
                              std::optional<ProbeState> state = {});

// How a suite's mechanism armed a site.
struct ArmedState {
  SuiteMechanism mechanism = SuiteMechanism::unoptimized;
  ProbeState state = ProbeState::unknown;
  bool prepared = false;  // the kernel keeps a detour ready: its aggregate's loop over handlers runs
};

// What one hit costs at such a site; absent: no cell measured it.
std::optional<double> cost_of_hit(std::span<const HitCost> costs, const ArmedState& site,
                                  HandlerChoice handler);

}  // namespace probebench::stats
