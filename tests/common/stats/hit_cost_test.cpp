// SPDX-License-Identifier: MIT
#include "stats/hit_cost.h"

#include <gtest/gtest.h>

#include "model/placement.h"

namespace probebench::stats {
namespace {

// What one hit costs: 540 stepped by an aggregate, 500 by a plain probe, 100 by jump.
std::vector<HitCost> some_costs() {
  const auto cost = [](ProbeType type, ProbeState state, double per_hit) {
    return HitCost{cells_of(type, Handler::count).front(), state, per_hit};
  };
  return {cost(ProbeType::kprobe_unoptimized, ProbeState::stepped, 540),
          cost(ProbeType::kprobe_stepped, ProbeState::stepped, 500),
          cost(ProbeType::kprobe_optimized, ProbeState::optimized, 100)};
}

std::optional<double> cost_at(ProbeState state, bool prepared, Handler handler = Handler::count) {
  return cost_of_hit(some_costs(), {SuiteMechanism::unoptimized, state, prepared}, {handler});
}

TEST(HitCost, TellsTheAggregateFromThePlainInt3) {
  EXPECT_EQ(cost_at(ProbeState::stepped, true), 540);
  EXPECT_EQ(cost_at(ProbeState::stepped, false), 500);
}

TEST(HitCost, IsThatOfTheStateAndNotOfWhatWasAskedFor) {
  EXPECT_EQ(cost_at(ProbeState::optimized, true), 100);
}

TEST(HitCost, IsUnknownWhereNoCellMeasuredIt) {
  EXPECT_FALSE(cost_at(ProbeState::emulated, false));
  EXPECT_FALSE(cost_at(ProbeState::optimized, true, Handler::checklist));
}

TEST(HitCost, ACellThatWasNotMeasuredHasNone) {
  CellResult result;
  result.cell = cells_of(ProbeType::kprobe_optimized, Handler::count).front();
  result.status = CellStatus::skipped;
  EXPECT_FALSE(hit_cost_of(result, ClockKind::instructions, 0));
}

}  // namespace
}  // namespace probebench::stats
