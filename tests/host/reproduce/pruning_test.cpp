// SPDX-License-Identifier: MIT
// What is said of sites that were left out.
#include "reproduce/pruning.h"

#include <gtest/gtest.h>

#include "text/reproduce_text.h"

namespace probebench::reproduce {
namespace {

WorkloadRow row_of(SuiteMechanism mechanism, std::uint32_t pruned, std::uint32_t sites, double armed) {
  return {.mechanism = mechanism,
          .pruned = pruned,
          .sites = sites,
          .base_per_op = {1000, 1000},
          .armed_per_op = {armed, armed},
          .hits = {10, 10, 0},
          .states = {{ProbeState::stepped, true, sites, 1}},
          .status = CellStatus::measured};
}

// `stat` is above the line until `vfs_statx` is left out; it took two sets.
std::vector<PredictedWorkload> workloads() {
  const Workload workload{.id = WorkloadId::stat,
                          .suite = "intrusion",
                          .handler = {Handler::count},
                          .operations = 5,
                          .base_after = {1000, 1000},
                          .rows = {row_of(SuiteMechanism::unoptimized, 0, 3, 1500),
                                   row_of(SuiteMechanism::unoptimized, 1, 2, 1060),
                                   row_of(SuiteMechanism::unoptimized, 2, 1, 1020),
                                   row_of(SuiteMechanism::optimized, 0, 3, 1100)},
                          .status = CellStatus::measured};
  return {predict_workload(workload, {})};
}

PrunedSuite told() {
  return {.suite = "intrusion",
          .mechanism = SuiteMechanism::unoptimized,
          .line_percent = 5,
          .workloads = {WorkloadId::stat},
          .left_out = {"vfs_statx", "getname_flags"},
          .sets = 2,
          .status = CellStatus::measured};
}

TEST(Pruning, IsOfTheLastSet) {
  const auto made = prunings_of({told()}, workloads());
  ASSERT_EQ(made.size(), 1u);
  const auto& pruning = made.front();
  EXPECT_EQ(pruning.sites, 3u);
  EXPECT_EQ(pruning.kept, 1u);
  EXPECT_EQ(pruning.state, ProbeState::stepped);
  EXPECT_EQ(pruning.above(), 1u);
  ASSERT_EQ(pruning.workloads.size(), 1u);
  EXPECT_NEAR(*pruning.workloads.front().whole, 50, 1e-9);
  EXPECT_NEAR(*pruning.workloads.front().measured, 2, 1e-9);
  EXPECT_TRUE(pruning.confirmed());
}

TEST(Pruning, HasTheRangeOfItsRounds) {
  auto all = workloads();
  auto& last = all.front().pruned.back();
  last.base = {990, 1000, 1000};
  last.told.armed_per_op = {1010, 1039.5};
  const auto made = prunings_of({told()}, all);
  const auto& range = made.front().workloads.front().range;
  ASSERT_TRUE(range);
  EXPECT_NEAR(range->low, 1, 1e-9) << "1010 / 1000";
  EXPECT_NEAR(range->high, 5, 1e-9) << "1039.5 / 990";
}

TEST(Pruning, IsNotConfirmedByASetAboveTheLine) {
  auto one = told();
  one.sets = 1;
  EXPECT_FALSE(prunings_of({one}, workloads()).front().confirmed());
  one.sets = 3;
  EXPECT_FALSE(prunings_of({one}, workloads()).front().confirmed()) << "it was not measured";
}

TEST(Pruning, WithNothingLeftOutIsTheWholeSuite) {
  auto one = told();
  one.mechanism = SuiteMechanism::optimized;
  one.line_percent = 11;
  one.left_out.clear();
  one.sets = 0;
  const auto pruning = prunings_of({one}, workloads()).front();
  EXPECT_EQ(pruning.kept, 3u);
  EXPECT_TRUE(pruning.confirmed());
  EXPECT_NEAR(*pruning.workloads.front().measured, 10, 1e-9);
}

TEST(Pruning, RowsOfPrunedSetsAreNoneOfTheSuite) {
  const auto predicted = workloads();
  EXPECT_EQ(predicted.front().rows.size(), 2u);
  EXPECT_EQ(predicted.front().pruned.size(), 2u);
}

TEST(Pruning, ItsTableFitsATerminal) {
  auto skipped = told();
  skipped.mechanism = SuiteMechanism::stepped;
  skipped.status = CellStatus::skipped;
  skipped.note = "this kernel does not boost";
  auto jump = told();
  jump.mechanism = SuiteMechanism::optimized;
  jump.left_out = {"vfs_statx"};
  jump.sets = 0;
  const auto text = text::pruning_text(prunings_of({told(), skipped, jump}, workloads()));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(text.find("left out with int3 only: getname_flags\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("kprobe-post"), std::string::npos) << "said with the workloads: " << text;
  EXPECT_NE(text.find("2.0 % (stat)"), std::string::npos) << text;
}

}  // namespace
}  // namespace probebench::reproduce
