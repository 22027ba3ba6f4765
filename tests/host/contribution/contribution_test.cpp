// SPDX-License-Identifier: MIT
#include "contribution/contribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wire/json_value.h"

namespace probebench::contribution {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

constexpr const char* kLine = "root=/dev/sda1 secret=hunter2";

TargetRecord machine() {
  TargetInfo info;
  info.id = "native-6.12.9";
  info.kind = "native";
  info.accel = "none";
  info.clock = ClockKind::tsc;
  info.environment.facts = {{"kernel.release", "6.12.9"},
                            {"kernel.cmdline", kLine},
                            {"cpu.model", "a CPU"},
                            {"mitigations.spectre_v2", "none"},
                            {"made.up", "by a later version"}};
  info.host = {{"host.kernel", "6.12.9"}, {"accel_note", "/home/alice/x"}};
  return {.info = info, .fingerprint = "0123456789abcdef"};
}

Metric timed(double value) {
  return {.value = value, .low = value - 1, .high = value + 1, .spread = 1, .low_quantile = value, .n = 20};
}

CellRecord cell(ProbeType type, double ns) {
  CellRecord record;
  record.target = "native-6.12.9";
  record.result.cell = cells_of(type, Handler::nop).front();
  record.result.status = CellStatus::measured;
  record.result.evidence.state = ProbeState::static_key;
  record.result.rounds.resize(20);
  record.summary.ns_per_hit = timed(ns);
  record.summary.cold_hit = ns;
  return record;
}

CellRecord failed(CellRecord record, CellStatus status, const std::string& reason) {
  record.result.status = status;
  record.result.reason = reason;
  record.result.rounds.clear();
  record.summary = {};
  return record;
}

RunRecord process(std::vector<CellRecord> cells) {
  RunRecord record;
  record.tool.version = "1";
  record.started = "2026-11-27T18:05:09Z";
  record.command = {"/home/alice/probebench", "--output", "/home/alice/out"};
  record.targets = {machine()};
  record.cells = std::move(cells);
  record.complete = true;
  return record;
}

std::vector<RunRecord> processes_of(const std::vector<double>& times) {
  std::vector<RunRecord> processes;
  for (const auto ns : times) processes.push_back(process({cell(ProbeType::raw_tp, ns)}));
  return processes;
}

TEST(OverProcesses, AFigureIsTheMedianOfTheProcessesMedians) {
  const auto all = over_processes(processes_of({10, 20, 30, 40, 50, 60, 70, 80, 90, 900}));
  ASSERT_EQ(all.cells.size(), 1U);
  const auto& figure = *all.cells[0].summary.ns_per_hit;
  EXPECT_DOUBLE_EQ(figure.value, 55);
  EXPECT_DOUBLE_EQ(figure.low, 20) << "the second of ten misses the median with one percent";
  EXPECT_DOUBLE_EQ(figure.high, 90);
  EXPECT_EQ(figure.n, 10U);
  EXPECT_EQ(figure.metric_class, MetricClass::noisy);
  EXPECT_EQ(figure.note, "");
  EXPECT_EQ(all.cells[0].result.rounds.size(), 200U) << "what was measured is kept";
  EXPECT_DOUBLE_EQ(*all.cells[0].summary.cold_hit, 55);
  EXPECT_FALSE(all.cells[0].summary.cycles_per_hit) << "what a process lacks is not made up";
}

TEST(OverProcesses, AFewFailuresAreSaidAndMoreDecide) {
  auto processes = processes_of({10, 20, 30, 40});
  auto& spoiled = processes[1].cells[0];
  spoiled = failed(spoiled, CellStatus::invalid, "not linear: a busy machine");
  const auto kept = over_processes(processes).cells[0];
  EXPECT_EQ(kept.result.status, CellStatus::measured);
  EXPECT_DOUBLE_EQ(kept.summary.ns_per_hit->value, 30);
  EXPECT_EQ(kept.summary.ns_per_hit->note, "3 of 4 processes; else: not linear: a busy machine");
  processes[3].cells[0] = failed(processes[3].cells[0], CellStatus::invalid, "not linear: a busy machine");
  const auto lost = over_processes(processes).cells[0];
  EXPECT_EQ(lost.result.status, CellStatus::invalid);
  EXPECT_EQ(lost.result.reason, "not linear: a busy machine (measured in 2 of 4 processes)");
  EXPECT_FALSE(lost.summary.ns_per_hit);
}

TEST(OverProcesses, ASkippedCellStaysAsItIs) {
  auto processes = processes_of({1, 2});
  for (auto& one : processes) one.cells[0] = failed(one.cells[0], CellStatus::skipped, "no kprobes");
  const auto skipped = over_processes(processes).cells[0];
  EXPECT_EQ(skipped.result.status, CellStatus::skipped);
  EXPECT_EQ(skipped.result.reason, "no kprobes");
}

TEST(OverProcesses, AnotherStateIsAnotherThing) {
  auto processes = processes_of({10, 10, 10});
  processes[2].cells[0].result.evidence.state = ProbeState::stepped;
  const auto mixed = over_processes(processes).cells[0];
  EXPECT_EQ(mixed.result.status, CellStatus::invalid);
  EXPECT_THAT(mixed.result.reason, HasSubstr("the processes differ in the state of the site: "));
  EXPECT_FALSE(mixed.summary.ns_per_hit);
}

TEST(Check, WantsOneMachineAndAFigure) {
  Contribution given{.processes = processes_of({10, 20})};
  EXPECT_TRUE(check(given));
  given.processes[1].targets[0].fingerprint = "fedcba9876543210";
  EXPECT_THAT(check(given).error().message(), HasSubstr("another one for some of the processes"));
  given = {.processes = processes_of({10})};
  given.processes[0].cells[0] = failed(given.processes[0].cells[0], CellStatus::skipped, "no kprobes");
  EXPECT_THAT(check(given).error().message(), HasSubstr("nothing was measured"));
}

TEST(PublishedRun, HasNothingThatIsTheMachinesAlone) {
  const auto run = published_run({.processes = processes_of({10, 20})});
  const auto& facts = run.targets[0].info.environment.facts;
  EXPECT_THAT(facts, Contains(Key("kernel.release")));
  EXPECT_THAT(facts, Contains(Key("mitigations.spectre_v2")));
  EXPECT_THAT(facts, Not(Contains(Key("kernel.cmdline"))));
  EXPECT_THAT(facts, Not(Contains(Key("made.up")))) << "what nobody has looked at stays at home";
  EXPECT_TRUE(run.targets[0].info.host.empty());
  EXPECT_EQ(run.started, "2026-11-27T00:00:00Z");
  EXPECT_EQ(run.command, (std::vector<std::string>{"run-bench", "contribute"}));
}

TEST(PublishedRun, CountsStandBeside) {
  auto counts = process({cell(ProbeType::raw_tp, 0)});
  counts.targets[0].info.id = "vm-tcg-6.12.9";
  counts.targets[0].info.kind = "vm";
  counts.targets[0].info.host = {{"kernel.cmdline", "console=ttyS0"}, {"kernel.name", "/boot/vmlinuz"}};
  counts.cells[0].target = "vm-tcg-6.12.9";
  counts.complete = false;
  const auto run = published_run({.processes = processes_of({10, 20}), .counts = counts});
  ASSERT_EQ(run.targets.size(), 2U);
  ASSERT_EQ(run.cells.size(), 2U);
  EXPECT_EQ(run.cells[1].target, "vm-tcg-6.12.9");
  EXPECT_THAT(run.targets[1].info.host, Contains(Key("kernel.cmdline"))) << "ours";
  EXPECT_THAT(run.targets[1].info.host, Not(Contains(Key("kernel.name"))));
  EXPECT_FALSE(run.complete);
}

TEST(WriteContribution, NamesNoFolderAndNoLine) {
  auto processes = processes_of({10, 20});
  for (auto& one : processes) {
    one.cells.push_back(
        failed(cell(ProbeType::ftrace, 0), CellStatus::skipped,
               "build the module in /home/alice/.cache/probebench and /home/alice: no headers"));
  }
  const auto text = write_contribution(
      {.processes = processes,
       .reproduce_json = R"({"schema_version":1,"command":["/home/alice/x","--output"],"targets":[]})",
       .unfit = {"load"},
       .missing = {"counts: /home/alice/vmlinuz"},
       .own_paths = {"/home/alice", "/", "/home/alice/.cache/probebench"}});
  EXPECT_THAT(text, Not(HasSubstr("alice")));
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  const auto json = wire::Json::parse(text);
  EXPECT_EQ(json.at("kind"), "contribution");
  EXPECT_EQ(json.at("processes"), 2);
  EXPECT_EQ(json.at("missing")[0], "counts: [folder]/vmlinuz");
  EXPECT_EQ(json.at("results").at("cells")[1].at("reason"),
            "build the module in [folder] and [folder]: no headers");
  EXPECT_EQ(json.at("reproduce").at("command"), wire::Json({"run-bench", "contribute"}));
  EXPECT_TRUE(wire::Json::parse(write_contribution({.processes = processes})).at("reproduce").is_null());
}

}  // namespace
}  // namespace probebench::contribution
