// SPDX-License-Identifier: MIT
// What suites say, and what hits are worth.
#include <gtest/gtest.h>

#include "cli/predict_options.h"
#include "plan/suite_file.h"
#include "reproduce/command_prediction.h"
#include "reproduce/workload_prediction.h"
#include "text/prediction_text.h"
#include "text/workloads_text.h"

namespace probebench {
namespace {

constexpr const char* kSuite = R"(
name = "small"
handler = "checklist"
[[group]]
workloads = ["stat", "byte-io"]
functions = ["vfs_statx", "vfs_read"]
)";

std::string error_of(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  const auto suite = parse_suite(text, "x.toml");
  return suite ? "" : suite.error().message();
}

TEST(SuiteFile, IsReadAsItSays) {
  const auto suite = parse_suite(kSuite, "x.toml");
  ASSERT_TRUE(suite) << suite.error().message();
  EXPECT_EQ(suite->name, "small");
  EXPECT_EQ(suite->handler.id, Handler::checklist);
  ASSERT_EQ(suite->groups.size(), 1u);
  EXPECT_EQ(suite->groups[0].workloads, (std::vector{WorkloadId::stat, WorkloadId::byte_io}));
}

TEST(SuiteFile, RefusesWhatItDoesNotUnderstand) {
  const auto has = [](const std::string& error, const char* text) {
    return error.starts_with("suite x.toml: ") && error.find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(error_of(kSuite, "name =", "nmae ="), "unknown key 'nmae'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"small\"", "\"\""), "`name` is missing"));
  EXPECT_TRUE(has(error_of(kSuite, "checklist", "checklost"), "unknown handler 'checklost'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"stat\"", "\"stats\""), "did you mean stat?"));
  EXPECT_TRUE(has(error_of(kSuite, "\"stat\"", "\"command\""), "unknown workload 'command'"));
  EXPECT_TRUE(has(error_of(kSuite, "\"byte-io\"", "\"stat\""), "workload 'stat' is there twice"));
  EXPECT_TRUE(has(error_of(kSuite, "\"vfs_read\"", "\"vfs_statx\""), "'vfs_statx' is there twice"));
  EXPECT_TRUE(has(error_of(kSuite, "\"vfs_read\"", "3"), "has no `functions`"));
  EXPECT_TRUE(has(error_of(kSuite, "[[group]]", "[group]"), "no [[group]] entry"));
  EXPECT_TRUE(has(error_of(kSuite, "[[group]]", "[[group"), "line "));
}

TEST(SuiteFile, TheProjectsOwnAreRead) {
  const auto suites = load_suites(PROBEBENCH_SOURCE_DIR "/suites");
  ASSERT_TRUE(suites) << suites.error().message();
  std::size_t workloads = 0;
  for (const auto& suite : *suites) {
    for (const auto& group : suite.groups) workloads += group.workloads.size();
  }
  EXPECT_EQ(workloads, 2 * (kWorkloads.size() - 1)) << "each workload in both suites";
}

TEST(SuiteFile, ChoosesByName) {
  auto suites = load_suites(PROBEBENCH_SOURCE_DIR "/suites");
  ASSERT_TRUE(suites);
  const auto chosen = choose_suites(*suites, "hot-path", "stat,byte-io");
  ASSERT_TRUE(chosen);
  ASSERT_EQ(chosen->size(), 1u);
  EXPECT_EQ(chosen->front().groups.size(), 2u);
  EXPECT_NE(choose_suites(*suites, "hot-paht", "").error().message().find("did you mean hot-path?"),
            std::string::npos);
  EXPECT_FALSE(choose_suites(*suites, "", "statt"));
}

// What one hit costs: 500 stepped, 100 by jump, 40 by ftrace.
PerHit costs() {
  const auto row = [](ProbeType type, ProbeState state, double cost) {
    return PerHitRow{cells_of(type, Handler::count).front(), state, cost, {}, {}};
  };
  return {.rows = {row(ProbeType::kprobe_unoptimized, ProbeState::stepped, 540),
                   row(ProbeType::kprobe_stepped, ProbeState::stepped, 500),
                   row(ProbeType::kprobe_optimized, ProbeState::optimized, 100),
                   row(ProbeType::ftrace, ProbeState::ftrace, 40)},
          .note = {}};
}

WorkloadRow armed(SuiteMechanism mechanism, double per_op, std::vector<StateHits> states) {
  return {.mechanism = mechanism,
          .sites = 2,
          .base_per_op = {999, 1000},
          .armed_per_op = {per_op - 1, per_op, per_op + 1},
          .hits = {10, 10, 0},
          .states = std::move(states),
          .status = CellStatus::measured};
}

Workload workload(std::vector<WorkloadRow> rows) {
  return {.id = WorkloadId::stat,
          .suite = "hot-path",
          .handler = {Handler::count},
          .operations = 5,
          .base_after = {1000, 1001},
          .rows = std::move(rows),
          .status = CellStatus::measured};
}

TEST(Prediction, IsTheSumOfHitsAndCosts) {
  const std::vector<StateHits> states{{ProbeState::optimized, true, 1, 3},
                                      {ProbeState::stepped, false, 1, 1}};
  const auto predicted =
      predict_workload(workload({armed(SuiteMechanism::optimized, 1820, states)}), costs());
  ASSERT_EQ(predicted.rows.size(), 1u);
  const auto& row = predicted.rows.front();
  EXPECT_DOUBLE_EQ(predicted.base_per_op, 1000);
  EXPECT_DOUBLE_EQ(*row.slowdown, 1.82);
  EXPECT_DOUBLE_EQ(*row.predicted_slowdown, 1.8) << "3 x 100 + 1 x 500";
  EXPECT_NEAR(*row.residual_percent, (800.0 - 820.0) / 820.0 * 100, 1e-9);
}

TEST(Prediction, TellsTheAggregateFromThePlainInt3) {
  const auto of = [](bool prepared) {
    return cost_of_hit(costs(), SuiteMechanism::unoptimized, {ProbeState::stepped, prepared, 1, 1},
                       {Handler::count});
  };
  EXPECT_EQ(of(true), 540);
  EXPECT_EQ(of(false), 500);
}

TEST(Prediction, HasNoneWithoutACost) {
  const std::vector<StateHits> states{{ProbeState::emulated, false, 1, 1}};
  const auto predicted =
      predict_workload(workload({armed(SuiteMechanism::unoptimized, 1500, states)}), costs());
  const auto& row = predicted.rows.front();
  EXPECT_TRUE(row.slowdown);
  EXPECT_FALSE(row.predicted_slowdown);
  EXPECT_NE(row.note.find("emulated"), std::string::npos);
}

TEST(Prediction, SaysWhenAnOverheadCannotBeTold) {
  const std::vector<StateHits> states{{ProbeState::ftrace, false, 1, 0.01}};
  const auto predicted = predict_workload(workload({armed(SuiteMechanism::ftrace, 1001, states)}), costs());
  const auto& row = predicted.rows.front();
  EXPECT_FALSE(row.resolved);
  EXPECT_FALSE(row.residual_percent);
  EXPECT_NE(row.note, "");
}

TEST(Prediction, AnInvalidRowHasNoSlowdown) {
  auto row = armed(SuiteMechanism::ftrace, 1500, {{ProbeState::ftrace, false, 1, 12}});
  row.status = CellStatus::invalid;
  row.hits.counted = 9;
  row.reason = "a hit was lost";
  const auto predicted = predict_workload(workload({row}), costs());
  EXPECT_FALSE(predicted.rows.front().slowdown);
  const auto text = workloads_text({predicted}, {{"hot-path", 2, 2, 2, {}, {}}});
  EXPECT_NE(text.find("invalid"), std::string::npos);
  EXPECT_NE(text.find("a hit was lost"), std::string::npos);
}

TEST(Prediction, ItsTableFitsATerminal) {
  const auto rows = [] {
    std::vector<WorkloadRow> all;
    for (const auto& info : kSuiteMechanisms) {
      all.push_back(armed(info.id, 12345678, {{ProbeState::ftrace, false, 1, 1234}}));
    }
    return all;
  };
  const auto text =
      workloads_text({predict_workload(workload(rows()), costs())}, {{"hot-path", 2, 2, 2, {}, {}}});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
}

CellRecord measured_cell(ProbeType type, double cost) {
  CellRecord record;
  record.result.cell = cells_of(type, Handler::count).front();
  record.result.status = CellStatus::measured;
  Metric metric;
  metric.value = metric.low = metric.high = cost;
  record.summary.instructions_per_hit = metric;
  return record;
}

TEST(CommandPrediction, MultipliesHitsAndCosts) {
  const PredictCounts counts{
      .sites =
          {{{ProbeType::kprobe_optimized, "vfs_read"}, "kprobe", {10, 12, 11}, CellStatus::measured, ""}},
      .base = {100000, 110000, 105000},
      .status = CellStatus::measured};
  const auto prediction = prediction_of(counts, {measured_cell(ProbeType::kprobe_optimized, 100)});
  ASSERT_EQ(prediction.sites.size(), 1u);
  const auto& site = prediction.sites.front();
  EXPECT_DOUBLE_EQ(site.per_run->value, 1100);
  EXPECT_DOUBLE_EQ(site.per_run->low, 10 * 100 * (1 - kSiteVariation));
  EXPECT_DOUBLE_EQ(site.per_run->high, 12 * 100 * (1 + kSiteVariation));
  EXPECT_NEAR(prediction.overhead_percent->value, 1100.0 / 105000 * 100, 1e-9);
  EXPECT_LT(prediction.overhead_percent->low, prediction.overhead_percent->value);
  EXPECT_GT(prediction.overhead_percent->high, prediction.overhead_percent->value);
}

TEST(CommandPrediction, HasNoAnswerWhenAFigureIsMissing) {
  const PredictCounts counts{
      .sites = {{{ProbeType::kprobe_optimized, "vfs_read"}, "kprobe", {10}, CellStatus::measured, ""},
                {{ProbeType::fentry, "nowhere"}, "", {}, CellStatus::errored, "not in this kernel"}},
      .base = {100000},
      .status = CellStatus::measured};
  const auto prediction = prediction_of(counts, {measured_cell(ProbeType::kprobe_optimized, 100)});
  EXPECT_FALSE(prediction.overhead_percent);
  EXPECT_EQ(prediction.sites[1].reason, "not in this kernel");
}

// `predict --accel tcg --clock tsc`: the id is that of a target whose instructions are counted.
TEST(CommandPrediction, NamesWhatTheClockOfTheTargetCounts) {
  const PredictCounts counts{.sites = {}, .base = {100000}, .status = CellStatus::measured};
  TargetInfo target;
  target.id = "vm-tcg-6.12";
  target.clock = ClockKind::emulated_time;
  const auto text = prediction_text(target, prediction_of(counts, {}));
  EXPECT_EQ(text.find("vm-tcg-6.12: emulated time, for tests only\n"), 0u) << text;
  EXPECT_EQ(text.find("executed instructions"), std::string::npos) << text;
  target.clock = ClockKind::instructions;
  EXPECT_EQ(
      prediction_text(target, prediction_of(counts, {})).find("vm-tcg-6.12: executed instructions, not time"),
      0u);
}

TEST(PredictOptions, ReadsAProbe) {
  const auto site = predict_site_from("raw-tp:sched:sched_switch");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->probe_type, ProbeType::raw_tp);
  EXPECT_EQ(site->place, "sched:sched_switch");
  EXPECT_EQ(predict_site_from("kprobe-optimized:vfs_read+0x10")->place, "vfs_read+0x10");
}

TEST(PredictOptions, RefusesWhatIsNoProbe) {
  for (const auto* text : {"vfs_read", "kprobe-optimized:", "kprobe-optimised:vfs_read",
                           "raw-tp:sched_switch", "uprobe:/bin/ls"}) {
    const auto site = predict_site_from(text);
    ASSERT_FALSE(site) << text;
    EXPECT_EQ(site.error().fault, Fault::usage);
    EXPECT_NE(site.error().message().find(text), std::string::npos);
  }
}

TEST(PredictOptions, KnowWhereATypeSits) {
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_optimized));
  EXPECT_TRUE(goes_past_entry(ProbeType::kprobe_stepped));
  EXPECT_FALSE(goes_past_entry(ProbeType::kprobe_ftrace));
  EXPECT_FALSE(goes_past_entry(ProbeType::fentry));
  EXPECT_FALSE(goes_past_entry(ProbeType::kretprobe_int3));
}

}  // namespace
}  // namespace probebench
