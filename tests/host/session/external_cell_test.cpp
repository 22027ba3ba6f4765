// SPDX-License-Identifier: MIT
#include "session/external_cell.h"

#include <gtest/gtest.h>

#include "results/results_json.h"

namespace probebench::session {
namespace {

CostPlan plan() {
  CostPlan plan{.workload = WorkloadId::pread};
  plan.name = "my.bpf.o";
  plan.armed.sha256 = std::string(64, 'a');
  return plan;
}

ProbeCost measured() {
  return {.workload = WorkloadId::pread,
          .operations = 500,
          .armed_operations = 400,
          .base_windows = {{7, 663507}, {8, 663508}, {9, 663509}},
          .armed_windows = {{7, 675207}, {8, 675208}, {9, 675209}},
          .hits = {{"kprobe one", "run_cnt", {400, 400, 0}}, {"kprobe two", "run_cnt", {400, 400, 0}}},
          .sites = {{.place = "ftrace_call+0x0",
                     .address = 0xffffffff81000100,
                     .arming = SiteArming::led_elsewhere,
                     .before = {0xe8, 1, 2, 3, 4},
                     .armed = {0xe8, 5, 6, 7, 8},
                     .after = {0xe8, 1, 2, 3, 4}},
                    {.place = "vfs_read+0x4",
                     .address = 0xffffffff81234564,
                     .arming = SiteArming::ftrace,
                     .before = {0x0f, 0x1f, 0x44, 0, 0},
                     .armed = {0xe8, 0, 0, 0, 0},
                     .after = {0x0f, 0x1f, 0x44, 0, 0}}},
          .listed = {{"enabled_functions", "vfs_read (1) R"}, {"BPF links", "link 3 perf prog 12"}},
          .versions = {{"libbpf", "1.4"}},
          .status = CellStatus::measured};
}

TargetInfo target() {
  TargetInfo info;
  info.id = "vm-tcg-6.12";
  info.kind = "vm";
  info.accel = "tcg";
  info.clock = ClockKind::instructions;
  return info;
}

TEST(ExternalCell, IsNamedByItsSource) {
  EXPECT_EQ(name_of(plan()), "external/workload/pread/bpf-object:my.bpf.o/threads:1");
  EXPECT_EQ(external_cell(plan(), measured(), target()).result.cell.name(), name_of(plan()));
}

TEST(ExternalCell, HasTheFiguresOfItsWindows) {
  const auto cell = external_cell(plan(), measured(), target());
  ASSERT_TRUE(cell.summary.instructions_per_hit);
  EXPECT_EQ(cell.summary.instructions_per_hit->value, 361);
  EXPECT_EQ(cell.summary.instructions_per_hit->metric_class, MetricClass::exact);
  EXPECT_EQ(cell.summary.baseline_per_call->value, 1327);
}

TEST(ExternalCell, ShowsThePlaceThatIsArmedForItsSake) {
  const auto evidence = external_cell(plan(), measured(), target()).result.evidence;
  EXPECT_EQ(evidence.site_address, 0xffffffff81234564);
  EXPECT_EQ(evidence.state, ProbeState::ftrace);
  EXPECT_EQ(evidence.kernel_flags, "vfs_read (1) R");
  EXPECT_EQ(evidence.link, "link 3 perf prog 12");
  EXPECT_EQ(evidence.decoded.substr(0, 4), "call");
}

TEST(ExternalCell, CountsTheHitsOfAllItsProbes) {
  const auto result = external_cell(plan(), measured(), target()).result;
  EXPECT_EQ(result.hits, (HitCount{800, 800, 0}));
  EXPECT_EQ(result.armed->versions.at("libbpf"), "1.4");
}

TEST(ExternalCell, ThatIsNotMeasuredSaysWhy) {
  auto cost = measured();
  cost.status = CellStatus::invalid;
  cost.reason = "armed twice";
  const auto cell = external_cell(plan(), cost, target());
  EXPECT_EQ(cell.result.reason, "armed twice");
  EXPECT_FALSE(cell.summary.instructions_per_hit);
}

TEST(ExternalCell, IsReadAsItWasWritten) {
  auto never = measured();
  never.base_windows.clear();
  never.status = CellStatus::errored;
  never.reason = "no such function";
  for (const auto& cost : {measured(), never}) {
    RunRecord record;
    record.started = "2024-01-31T12:00:00Z";
    record.command = {"./run-bench", "cost"};
    record.targets = {{target(), "0123456789abcdef"}};
    record.cells = {external_cell(plan(), cost, target())};
    const auto read = results::read_results(results::write_results(record), "x");
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(*read, record);
  }
}

}  // namespace
}  // namespace probebench::session
