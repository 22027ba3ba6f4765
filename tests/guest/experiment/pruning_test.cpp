// SPDX-License-Identifier: MIT
// Which sites are left out, of made-up workloads.
#include "experiment/pruning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probebench::experiment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kLine = 0.05;

// By prediction alone.
std::vector<std::string> left_out(std::vector<SiteShares> workloads) {
  Pruning pruning(kLine);
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    pruning.add(static_cast<WorkloadId>(i), std::move(workloads[i]));
  }
  pruning.choose();
  return pruning.left_out();
}

TEST(Pruning, LeavesNothingOutBelowTheLine) {
  EXPECT_THAT(left_out({{{"a", 0.02}, {"b", 0.029}}}), IsEmpty());
}

TEST(Pruning, AtTheLineIsNotBelowIt) {
  EXPECT_THAT(left_out({{{"a", kLine}}}), ElementsAre("a"));
}

TEST(Pruning, TakesTheHottestFirst) {
  EXPECT_THAT(left_out({{{"cold", 0.02}, {"warm", 0.06}, {"hot", 0.4}}}), ElementsAre("hot", "warm"));
}

// `shared` is second in each of them, and the most of all together.
TEST(Pruning, ASiteCountsInEveryWorkloadThatItSlows) {
  EXPECT_THAT(left_out({{{"shared", 0.04}, {"a", 0.045}}, {{"shared", 0.04}, {"b", 0.045}}}),
              ElementsAre("shared"));
}

TEST(Pruning, AWorkloadBelowTheLineHasNoSay) {
  // `idle` costs more in all than `a`, but where it costs nothing is above the line.
  EXPECT_THAT(left_out({{{"a", 0.06}}, {{"idle", 0.04}}, {{"idle", 0.04}}}), ElementsAre("a"));
}

// The hottest goes first; without the two that have to go after it, it does no harm.
TEST(Pruning, PutsBackWhatWasNotNeeded) {
  const auto out = left_out({{{"hot", 0.04}, {"a", 0.05}}, {{"hot", 0.04}, {"b", 0.05}}});
  EXPECT_THAT(out, ElementsAre("a", "b"));
}

TEST(Pruning, EqualSitesGoByName) {
  EXPECT_THAT(left_out({{{"b", 0.04}, {"a", 0.04}, {"c", 0.005}}}), ElementsAre("a"));
}

Pruning pruning_of(SiteShares shares) {
  Pruning pruning(kLine);
  pruning.add(WorkloadId::stat, std::move(shares));
  return pruning;
}

TEST(Pruning, GoesOnWhereTheMeasurementIsAboveTheLine) {
  auto pruning = pruning_of({{"a", 0.3}, {"b", 0.03}, {"c", 0.015}});
  pruning.take(WorkloadId::stat, 0.4);
  EXPECT_THAT(pruning.above(), ElementsAre(WorkloadId::stat));
  ASSERT_TRUE(pruning.choose());
  EXPECT_THAT(pruning.left_out(), ElementsAre("a")) << "0.045 is predicted";
  pruning.take(WorkloadId::stat, 0.054);
  ASSERT_TRUE(pruning.choose());
  EXPECT_THAT(pruning.left_out(), ElementsAre("a", "b")) << "0.054 was measured";
  pruning.take(WorkloadId::stat, 0.018);
  EXPECT_THAT(pruning.above(), IsEmpty());
}

TEST(Pruning, KeepsWhatOnlyThePredictionWouldLeaveOut) {
  auto pruning = pruning_of({{"a", 0.06}});
  pruning.take(WorkloadId::stat, 0.04);
  EXPECT_FALSE(pruning.choose());
  EXPECT_THAT(pruning.left_out(), IsEmpty());
}

TEST(Pruning, SaysWhenNothingIsLeftToLeaveOut) {
  auto pruning = pruning_of({{"a", 0.3}});
  pruning.take(WorkloadId::stat, 0.3);
  ASSERT_TRUE(pruning.choose());
  pruning.take(WorkloadId::stat, 0.07);
  EXPECT_THAT(pruning.above(), ElementsAre(WorkloadId::stat));
  EXPECT_FALSE(pruning.choose());
}

}  // namespace
}  // namespace probebench::experiment
