// SPDX-License-Identifier: MIT
#include "text/cost_text.h"

#include "golden.h"

namespace probebench::text {
namespace {

ArmedText site(const char* place, SiteArming arming, std::uint8_t armed) {
  return {.place = place, .arming = arming, .before = {0x0f}, .armed = {armed}, .after = {0x0f}};
}

ProbeCost measured() {
  return {.workload = WorkloadId::pread,
          .base_per_op = {1264, 1264},
          .armed_per_op = {1625, 1625},
          .base_after = {1264, 1264},
          .hits = {{"kprobe mine", "run_cnt", {500, 500, 0}, 25500}},
          .sites = {site("ftrace_call+0x0", SiteArming::led_elsewhere, 0xe8),
                    site("vfs_read+0x4", SiteArming::ftrace, 0xe8)},
          .armed = {"kprobe/vfs_read mine"},
          .status = CellStatus::measured};
}

std::string shown(const ProbeCost& cost) {
  auto text = cost_text({"vm-tcg-6.12", cost});
  expect_fits(text);
  return text;
}

TEST(CostText, IsABlock) {
  EXPECT_EQ(shown(measured()),
            "target       vm-tcg-6.12\n"
            "armed        kprobe/vfs_read mine\n"
            "per hit      361 insns, exact; pread 1264 -> 1625 (+28.6 %)\n"
            "hits         500 of 500 operations, 0 missed: kprobe mine (run_cnt)\n"
            "attached     vfs_read+0x4: ftrace, e8, restored after\n"
            "             and 1 switch in passing\n"
            "bpf_stats    would say 51: it times the program alone, not how the kernel gets\n"
            "             there and back\n");
}

TEST(CostText, SaysThatWakingTheReaderIsPartOfIt) {
  auto cost = measured();
  cost.interrupts_per_op = 1;
  EXPECT_NE(
      shown(cost).find("interrupts   1 for each operation, raised by the probe to wake its reader: part\n"
                       "             of the figure\n"),
      std::string::npos)
      << shown(cost);
}

TEST(CostText, SaysThatItWasArmedAgain) {
  auto cost = measured();
  cost.armings = 2;
  EXPECT_NE(
      shown(cost).find("armed again  what the first arming since the boot left behind in the kernel is\n"
                       "             in both figures\n"),
      std::string::npos)
      << shown(cost);
}

TEST(CostText, IsTimeWhereNothingIsCounted) {
  cost::TargetCost told{"native-6.12", measured()};
  told.time = cost::HitTime{{.value = 120.4, .low = 118, .high = 124, .n = 15}, "ns", 0.5};
  EXPECT_NE(cost_text(told).find("per hit      120.4 ±3.6 ns; pread 632 -> 813 (+28.6 %)\n"),
            std::string::npos)
      << cost_text(told);
  told.time->figure.low = -20;
  EXPECT_NE(cost_text(told).find("per hit      too noisy: 120 ±140 ns"), std::string::npos)
      << cost_text(told);
}

// perf's are in no text and in no listing but the tracepoints' own.
TEST(CostText, NamesWhoHangsOnATracepoint) {
  auto cost = measured();
  cost.sites.pop_back();
  cost.listed = {{"set_event", "other"},
                 {std::string(kTracepointListing), "sys_enter perf_syscall_enter __x64_sys_openat"}};
  EXPECT_NE(shown(cost).find("attached     tracepoint sys_enter: perf_syscall_enter __x64_sys_openat\n"
                             "             and 1 switch in passing\n"),
            std::string::npos)
      << shown(cost);
}

std::string where(std::vector<cost::PathPart> parts, std::vector<cost::FunctionPart> functions = {}) {
  cost::TargetCost told{"vm-tcg-6.12", measured()};
  told.path = cost::HandlerPath{std::move(parts), std::move(functions), {}};
  auto text = cost_text(told);
  expect_fits(text);
  return text.substr(std::min(text.find("where"), text.size()));
}

TEST(CostText, SaysWhereAHitGoes) {
  EXPECT_EQ(where({{"dispatch", 352}, {"program", 141}, {"bpf_get_current_comm", 124}}),
            "where        dispatch 352 · program 141 · bpf_get_current_comm 124\n");
}

TEST(CostText, SaysItByFunctionWhereNothingOfItIsTheUsers) {
  std::vector<cost::FunctionPart> functions;
  for (int i = 1; i <= 9; ++i) functions.push_back({"f" + std::to_string(i), "dispatch", i});
  EXPECT_EQ(where({{"dispatch", 45}}, functions),
            "where        f9 9 · f8 8 · f7 7 · f6 6 · f5 5 · f4 4 · f3 3 · others 3\n");
}

TEST(CostText, SaysWhyThereIsNoFigure) {
  auto cost = measured();
  cost.status = CellStatus::invalid;
  cost.reason = "kprobe mine: 1000 hits of 500 operations";
  cost.sites.back().after = {0xe8};
  const auto text = shown(cost);
  EXPECT_NE(text.find("invalid      kprobe mine: 1000 hits"), std::string::npos);
  EXPECT_NE(text.find("NOT restored"), std::string::npos);
  EXPECT_EQ(text.find("per hit"), std::string::npos);
  EXPECT_EQ(text.find("bpf_stats"), std::string::npos);
}

TEST(CostText, CountsRunsOfAProgramAndOperationsOfOurOwn) {
  auto cost = measured();
  cost.operation = CostOperation::run;
  cost.armed_operations = 13;
  cost.hits.front().hits = {4732, 4732, 0};
  cost.workload = WorkloadId::command;
  EXPECT_NE(shown(cost).find("per run      361 insns"), std::string::npos) << shown(cost);
  EXPECT_NE(shown(cost).find("4732 in 13 runs, 0 missed"), std::string::npos) << shown(cost);
  cost.workload = WorkloadId::fork_exec_wait;
  EXPECT_NE(shown(cost).find("per op       361 insns, exact; fork-exec-wait 1264"), std::string::npos)
      << shown(cost);
  EXPECT_NE(shown(cost).find("4732 in 13 operations, 0 missed"), std::string::npos) << shown(cost);
  cost.armed_operations = 1;
  EXPECT_NE(shown(cost).find("4732 in 1 operation, 0 missed"), std::string::npos) << shown(cost);
}

TEST(CostText, TellsSeveralProbesByTheCall) {
  auto cost = measured();
  cost.hits.push_back({"kprobe other", "run_cnt", {500, 500, 0}, 25500});
  cost.armed_per_op = {1625, 1626};
  cost.reader = {500, 3'950'000};
  const auto text = shown(cost);
  EXPECT_NE(text.find("per call     361.5 insns, rounds differ by 1"), std::string::npos) << text;
  EXPECT_NE(text.find("about 7900 insns for each event"), std::string::npos) << text;
  EXPECT_NE(text.find("would say 102"), std::string::npos) << text;
}

}  // namespace
}  // namespace probebench::text
