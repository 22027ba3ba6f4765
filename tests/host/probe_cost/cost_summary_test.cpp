// SPDX-License-Identifier: MIT
#include "probe_cost/cost_summary.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace probebench::cost {
namespace {

ProbeCost measured() {
  return {.workload = WorkloadId::pread,
          .operations = 500,
          .armed_operations = 400,
          .base_per_op = {1327, 1327, 1327},
          .armed_per_op = {1688, 1688, 1688},
          .base_after = {1327, 1327, 1327},
          .base_windows = {{7, 663507}, {7, 663507}, {7, 663507}},
          .armed_windows = {{7, 675207}, {7, 675207}, {7, 675207}},
          .hits = {{"kprobe mine", "run_cnt", {400, 400, 0}, 20400}},
          .sites = {{.place = "vfs_read+0x4",
                     .address = 0xffffffff81234564,
                     .arming = SiteArming::ftrace,
                     .before = {0x0f},
                     .armed = {0xe8},
                     .after = {0x0f}}},
          .status = CellStatus::measured};
}

TEST(CostFigures, AreArmedLessUnarmed) {
  const auto figures = figures_of(measured());
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->per_hit, 361);
  EXPECT_EQ(figures->base, 1327);
  EXPECT_TRUE(figures->exact());
  EXPECT_EQ(figures->bpf_stats, 51);
}

TEST(CostFigures, AreNotExactWhereRoundsDiffer) {
  auto cost = measured();
  cost.armed_per_op = {1688, 1690, 1687};
  const auto figures = figures_of(cost);
  EXPECT_EQ(figures->spread, 3);
  EXPECT_FALSE(figures->exact());
  EXPECT_EQ(figures->per_hit, 361) << "of the medians";
}

TEST(CostFigures, AreNoneOfWhatIsNotMeasured) {
  auto cost = measured();
  cost.status = CellStatus::invalid;
  EXPECT_FALSE(figures_of(cost));
}

TEST(CostFigures, HaveNoBpfStatisticsOfWhatIsNoProgram) {
  auto cost = measured();
  cost.hits.push_back({"kprobes/mine", "kprobe_profile", {400, 400, 0}, 0});
  EXPECT_FALSE(figures_of(cost)->bpf_stats);
}

TEST(CostJson, HasAllThatWasTold) {
  const auto json = nlohmann::json::parse(write_costs({{"vm-tcg-6.12", measured()}}, {"probebench", "cost"}));
  const auto& target = json.at("targets").at(0);
  EXPECT_EQ(target.at("target"), "vm-tcg-6.12");
  EXPECT_EQ(target.at("figures").at("per_hit"), 361);
  EXPECT_EQ(target.at("figures").at("class"), "exact");
  EXPECT_EQ(target.at("sites").at(0).at("arming"), "ftrace");
  EXPECT_EQ(target.at("base_windows").at(2).at("twice_n"), 663507);
  EXPECT_FALSE(target.contains("loops")) << "the path is in anatomy.json";
  EXPECT_EQ(target.at("hits").at(0).at("hits").at("counted"), 400);
  EXPECT_EQ(json.at("schema_version"), 1);
}

}  // namespace
}  // namespace probebench::cost
