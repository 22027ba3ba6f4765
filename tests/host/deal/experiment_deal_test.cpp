// SPDX-License-Identifier: MIT
#include "deal/experiment_deal.h"

#include <gmock/gmock.h>

namespace probebench::deal {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint32_t kPlanRounds = 3;

SuitePlan suite(std::string name) {
  return {.name = std::move(name), .groups = {{.workloads = {WorkloadId::open_close}, .functions = {"f"}}}};
}

// Two suites, three groups of points with two in the first, misses and traps.
Share whole() {
  Share all;
  all.cells = cells_of(ProbeType::kprobe_stepped, HandlerChoice{Handler::nop});
  all.experiment.surface = {{.probes = 1}, {.work = 5, .probes = 1}, {.probes = 10}, {.jump = true}};
  all.experiment.kretprobe_misses = all.experiment.traps = true;
  all.experiment.workloads.suites = {suite("first"), suite("second")};
  all.experiment.workloads.mechanisms = {SuiteMechanism::ftrace};
  return all;
}

ExperimentPlan joined_of(const std::vector<Share>& shares) {
  std::vector<ExperimentPlan> plans;
  for (const auto& share : shares) {
    for (auto& piece : pieces_of(share.experiment)) plans.push_back(std::move(piece));
  }
  return joined(plans);
}

TEST(ExperimentDeal, PiecesAreThePlanAgain) {
  const auto pieces = pieces_of(whole().experiment);
  EXPECT_THAT(pieces, SizeIs(7));
  EXPECT_THAT(pieces[2].surface, SizeIs(2)) << "they share their probes";
  EXPECT_EQ(joined(pieces), whole().experiment);
  EXPECT_THAT(pieces_of({}), IsEmpty());
  std::size_t steps = 0;
  for (const auto& piece : pieces) steps += piece.steps();
  EXPECT_EQ(steps, whole().experiment.steps());
}

TEST(ExperimentDeal, GuestsHaveNeighboursInThePlansOrder) {
  for (const std::size_t guests : {1, 2, 3, 20}) {
    const auto shares = in_order(whole(), {}, kPlanRounds, guests);
    EXPECT_LE(shares.size(), guests);
    EXPECT_EQ(joined_of(shares), whole().experiment) << guests;
    EXPECT_EQ(shares.front().cells, whole().cells);
  }
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto shares = in_order_at_random(whole(), 3, seed);
    EXPECT_THAT(shares, SizeIs(3));
    EXPECT_EQ(joined_of(shares), whole().experiment) << seed;
    EXPECT_EQ(shares, in_order_at_random(whole(), 3, seed)) << seed;
  }
}

TEST(ExperimentDeal, WhatTakesLongestIsAlone) {
  CellCosts costs;
  costs.observe({.steps = {{"first: ftrace", 1}, {"first: last baseline", 1}, {"second: ftrace", 60}}},
                kPlanRounds);
  const auto shares = in_order(whole(), costs, kPlanRounds, 3);
  ASSERT_THAT(shares, SizeIs(3));
  EXPECT_THAT(shares[1].experiment.workloads.suites, SizeIs(1));
  EXPECT_THAT(shares[1].experiment.surface, IsEmpty());
  EXPECT_THAT(shares[1].cells, IsEmpty()) << "nothing leans on them";
}

TEST(ExperimentDeal, WhatLeansOnCellsHasThem) {
  auto all = whole();
  all.experiment.workloads.mechanisms = {SuiteMechanism::unoptimized};
  all.experiment.workloads.line_percent = 5;
  all.experiment.workloads.suites.back().prune = true;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const auto& share : in_order_at_random(all, 4, seed)) {
      if (leans_on_cells(share.experiment)) EXPECT_EQ(share.cells, all.cells);
    }
  }
  EXPECT_TRUE(leans_on_cells(all.experiment));
  EXPECT_FALSE(leans_on_cells(whole().experiment));
}

}  // namespace
}  // namespace probebench::deal
