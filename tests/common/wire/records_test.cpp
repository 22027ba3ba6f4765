// SPDX-License-Identifier: MIT
#include "wire/records.h"

#include <gtest/gtest.h>

#include "valid_cell.h"
#include "wire/experiment_json.h"

namespace probebench::wire {
namespace {

template <typename T>
T round_trip(const T& record) {
  const auto line = encode(record);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  auto decoded = decode(line);
  EXPECT_TRUE(decoded) << decoded.error().message();
  return std::get<T>(*decoded);
}

TEST(Wire, CellsLoseNothing) {
  auto cell = valid_cell();
  cell.cold_hit = cell.rounds[0].armed.n;
  cell.rounds[1].verify = cell.rounds[1].armed;
  cell.rounds[2].armed.n.cycles = 12345;
  cell.evidence.crowd = Crowd{39663, 1'224'000'000};
  EXPECT_EQ(round_trip(CellEnd{cell}).result, cell);
}

TEST(Wire, HelloKeepsFactsCapabilitiesAndOrder) {
  const Hello hello{
      {{{"kernel.release", "6.12"}, {"cpu.model", "QEMU"}}, {Capability::kprobes, Capability::pmu}, 999993},
      {"b", "a"}};
  const auto back = round_trip(hello);
  EXPECT_EQ(back.environment.facts, hello.environment.facts);
  EXPECT_EQ(back.environment.capabilities, hello.environment.capabilities);
  EXPECT_EQ(back.environment.tsc_khz, 999993u);
  EXPECT_EQ(back.cells, hello.cells);
}

TEST(Wire, SmallRecords) {
  EXPECT_EQ(round_trip(CellBegin{"x/y"}).name, "x/y");
  EXPECT_EQ(round_trip(BenchmarkText{"{\n\"a\": 1"}).text, "{\n\"a\": 1");
  EXPECT_EQ(round_trip(ConsoleText{"one\ntwo\n"}).text, "one\ntwo\n");
  EXPECT_EQ(round_trip(Symbols{"ffffffff81000000 _stext\n"}).text, "ffffffff81000000 _stext\n");
  const MarkedLoops loops{3, 4, 7, "ffffffffc0301000 bpf_prog_x\t[bpf]\n"};
  const auto paths = round_trip(CellPaths{"x/y", loops});
  EXPECT_EQ(paths.name, "x/y");
  EXPECT_EQ(paths.loops, loops);
  const auto end = round_trip(End{69, "load module: Invalid argument"});
  EXPECT_EQ(end.exit_code, 69);
  EXPECT_EQ(end.error, "load module: Invalid argument");
}

TEST(Wire, ExperimentsLoseNothing) {
  const auto back = [](const ExperimentRecord& record) { return round_trip(Experiment{record}).record; };
  const HitCount hits{9, 8, 1};
  const std::vector<ExperimentRecord> records{
      ExperimentStep{"surface"},
      SurfacePoint{.setting = {true, {Handler::delay, 500}, 10, 4, 100, SurfaceLayout::path},
                   .state = ProbeState::optimized,
                   .ops = 3,
                   .handler_cost = 517.5,
                   .base_per_op = 2.25,
                   .armed_per_op = 9,
                   .hits = hits,
                   .status = CellStatus::invalid,
                   .reason = "a hit was lost"},
      ControlStep{"kprobe-optimized", 1000, "arm", 1e9, "clock", CellStatus::skipped, "why"},
      KretprobeMisses{1, 2, 20, 10, 10, CellStatus::invalid, "why"},
      TrapCost{TrapKind::trap_flag, {2400.5, 2401}, hits, {0xcc, 0xc3}, CellStatus::invalid, "why"},
      Workload{.id = WorkloadId::pipe_ping_pong,
               .suite = "hot-path",
               .handler = {Handler::count},
               .operations = 500,
               .base_after = {2},
               .rows = {{.mechanism = SuiteMechanism::optimized,
                         .pruned = 2,
                         .sites = 3,
                         .base_per_op = {1.5, 2},
                         .armed_per_op = {2, 2.25},
                         .hits = hits,
                         .states = {{ProbeState::optimized, true, 3, 2.5}},
                         .by_site = {{"vfs_read", ProbeState::optimized, true, 2.5}},
                         .status = CellStatus::invalid,
                         .reason = "a hit was lost"}},
               .status = CellStatus::measured},
      PrunedSuite{.suite = "intrusion",
                  .mechanism = SuiteMechanism::optimized,
                  .line_percent = 2.5,
                  .workloads = {WorkloadId::stat, WorkloadId::compile},
                  .left_out = {"vfs_read"},
                  .sets = 2,
                  .status = CellStatus::skipped,
                  .note = "why"},
      Suite{"intrusion", 120, 110, 90, {{"not in this kernel", 10}}, {{"a jump leads into it", 20}}},
      ProbeCost{.workload = WorkloadId::pread,
                .source = ProbeSource::tracefs,
                .operations = 500,
                .armed_operations = 400,
                .base_per_op = {1327},
                .armed_per_op = {2148.5},
                .base_after = {1327},
                .base_windows = {{700000, 1363500}},
                .armed_windows = {{900000, 1759400}},
                .hits = {{"kprobes/mine", "kprobe_profile", hits, 12}},
                .sites = {{"vfs_read+0x4", 0xffffffff81234564, SiteArming::ftrace, {0x0f}, {0xe8}, {0x0f}}},
                .listed = {{"set_event", "kprobes:mine"}},
                .armed = {"kprobe_events=p:mine vfs_read"},
                .reader = {400, 1000},
                .versions = {{"libbpf", "1.4"}},
                .loops = MarkedLoops{1, 2, 7, "ffffffffc0201000 bpf_prog_1_mine\t[bpf]\n"},
                .source_lines = {{0xffffffffc0201000, "mine.bpf.c", 7, "return 0;"}},
                .status = CellStatus::invalid,
                .reason = "a hit was lost"}};
  for (const auto& record : records) EXPECT_EQ(back(record), record) << record.index();
}

TEST(Wire, PlansKeepTheirExperiment) {
  Plan plan;
  plan.experiment.surface = {{.jump = true, .handler = {Handler::checklist}, .work = 7, .probes = 10}};
  plan.experiment.kretprobe_misses = true;
  plan.experiment.traps = true;
  plan.experiment.workloads.suites = {{.name = "hot-path",
                                       .prune = true,
                                       .groups = {{{WorkloadId::stat, WorkloadId::command}, {"vfs_statx"}}}}};
  plan.experiment.workloads.mechanisms = {SuiteMechanism::unoptimized, SuiteMechanism::fentry};
  plan.experiment.workloads.rounds = 2;
  plan.experiment.workloads.line_percent = 2.5;
  plan.experiment.workloads.command = {"/bin/true", "-x"};
  plan.experiment.cost = {.workload = WorkloadId::kill,
                          .source = ProbeSource::command,
                          .setup = {{"kprobe_events", "p:mine vfs_read"}},
                          .command = {"perf", "stat"},
                          .paths = true};
  plan.experiment.predict = {.sites = {}, .own_probe = true, .command = {}, .process = 7, .window_ms = 20};
  const auto back = decode_plan(encode_plan(plan));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->experiment, plan.experiment);
}

TEST(Wire, RefusesACutLine) {
  const auto line = encode(CellEnd{valid_cell()});
  EXPECT_FALSE(decode(line.substr(0, line.size() - 1)));
  EXPECT_FALSE(decode(""));
}

std::string with(std::string line, std::string_view what, std::string_view by) {
  const auto at = line.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return line.replace(at, what.size(), by);
}

TEST(Wire, RefusesCountsThatAreNone) {
  const auto line = encode(CellEnd{valid_cell()});
  EXPECT_TRUE(decode(line));
  for (const auto* count : {"-100", "100.5", "1e2", "4294967396", "\"100\"", "null", "true"}) {
    EXPECT_FALSE(decode(with(line, "\"calls\":100", std::string("\"calls\":") + count))) << count;
  }
  EXPECT_FALSE(decode(with(line, "\"missed\":0", "\"missed\":-1")));
  EXPECT_FALSE(decode(with(line, "\"missed\":0", "\"missed\":18446744073709551616")));
  EXPECT_TRUE(decode(with(line, "\"missed\":0", "\"missed\":18446744073709551615")));
  EXPECT_FALSE(decode(R"({"type":"end","exit_code":4294967296,"error":"","v":1})"));
}

TEST(Wire, ACellSaysItsNameAndHitsOnceMore) {
  const auto cell = valid_cell();
  const auto told = round_trip(CellEnd{cell}).told;
  ASSERT_TRUE(told);
  EXPECT_EQ(told->name, cell.cell.name());
  EXPECT_EQ(told->hits, (HitCount{900, 900, 0}));
}

TEST(Wire, RefusesAnotherVersionAndOtherTypes) {
  EXPECT_FALSE(decode(R"({"type":"cell-begin","name":"x","v":2})"));
  EXPECT_FALSE(decode(R"({"type":"nonsense","v":1})"));
  EXPECT_TRUE(decode(R"({"type":"cell-begin","name":"x","v":1})"));
}

TEST(Wire, PlanLosesNothing) {
  Plan plan;
  plan.cells = {cells_of(ProbeType::ftrace, Handler::count).front(),
                cells_of(ProbeType::kprobe_stepped, Handler::nop).front()};
  plan.rounds = 7;
  plan.seed = 0xffffffffffffffff;
  plan.clock = ClockKind::emulated_time;
  plan.paths = true;
  plan.benchmark_args = {"--benchmark_filter=a|b"};
  const auto back = decode_plan(encode_plan(plan));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->cells, plan.cells);
  EXPECT_EQ(back->rounds, 7u);
  EXPECT_EQ(back->seed, plan.seed);
  EXPECT_EQ(back->clock, plan.clock);
  EXPECT_TRUE(back->paths);
  EXPECT_EQ(back->benchmark_args, plan.benchmark_args);
  EXPECT_FALSE(decode_plan("{}"));
}

}  // namespace
}  // namespace probebench::wire
