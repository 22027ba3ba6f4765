// SPDX-License-Identifier: MIT
// Which guest runs which experiments. They stay in the plan's order, and a guest has neighbours of it, so
// that what the guests tell, one after the other, is what one guest would have told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "deal/cell_costs.h"
#include "model/plan.h"

namespace probebench::deal {

// What one guest is asked to measure.
struct Share {
  std::vector<Cell> cells;
  ExperimentPlan experiment = {};

  bool operator==(const Share&) const = default;
};

// Plans of one piece each: a group of points that share their probes, the misses, a suite, the traps.
std::vector<ExperimentPlan> pieces_of(const ExperimentPlan& plan);
// The plan that these are the pieces of.
ExperimentPlan joined(std::span<const ExperimentPlan> pieces);
// It needs what the cells cost, so the guest that runs it measures all of them.
bool leans_on_cells(const ExperimentPlan& plan);

// The share cut for at most `guests`, so that the one that takes longest takes as short as can be.
std::vector<Share> in_order(const Share& whole, const CellCosts& costs, std::uint32_t rounds,
                            std::size_t guests);
// The same, cut anywhere.
std::vector<Share> in_order_at_random(const Share& whole, std::size_t guests, std::uint64_t seed);

}  // namespace probebench::deal
