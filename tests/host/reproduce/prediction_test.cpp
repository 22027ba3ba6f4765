// SPDX-License-Identifier: MIT
// What hits are worth.
#include "reproduce/prediction.h"

#include <gtest/gtest.h>

#include "text/reproduce_text.h"

namespace probebench::reproduce {
namespace {

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
  const auto text = text::workloads_text({predicted}, {{"hot-path", 2, 2, 2, {}, {}}});
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
      text::workloads_text({predict_workload(workload(rows()), costs())}, {{"hot-path", 2, 2, 2, {}, {}}});
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

TEST(CommandPrediction, IsAShareOfACpuInRealTime) {
  const PredictCounts counts{
      .sites = {{{ProbeType::uprobe, "f"}, "perf event", {10}, CellStatus::measured, ""}},
      .base = {100000},
      .status = CellStatus::measured};
  const auto prediction = prediction_of(counts, {measured_cell(ProbeType::uprobe, 500)});
  TargetInfo target;
  target.clock = ClockKind::instructions;
  target.kind = "vm";
  EXPECT_EQ(text::prediction_text(target, prediction).find("of each second"), std::string::npos);
  target.kind = "native";
  target.clock = ClockKind::tsc;
  const auto text = text::prediction_text(target, prediction);
  EXPECT_NE(text.find("A run of the command takes 100000 ticks, and would take"), std::string::npos) << text;
  EXPECT_NE(text.find("That is 47.6 ms of each second that it runs"), std::string::npos) << text;
  EXPECT_NE(text.find("4.76 % of"), std::string::npos) << text;
}

// Windows of a process are all the time there is, whether it ran or waited.
TEST(CommandPrediction, IsAShareOfEachSecondOfAProcess) {
  const PredictCounts counts{
      .sites = {{{ProbeType::uprobe, "f"}, "perf event", {10}, CellStatus::measured, ""}},
      .process = 1234,
      .base = {100000},
      .status = CellStatus::measured};
  TargetInfo target;
  target.clock = ClockKind::instructions;
  target.kind = "native";
  const auto text =
      text::prediction_text(target, prediction_of(counts, {measured_cell(ProbeType::uprobe, 500)}));
  EXPECT_NE(text.find("Process 1234 would take 50.00 ms more of each second"), std::string::npos) << text;
  EXPECT_NE(text.find("5.000 % of a CPU"), std::string::npos) << text;
  EXPECT_EQ(text.find("A run of the command"), std::string::npos) << text;
}

PredictCounts own_counts() {
  return {.sites = {},
          .own = {{"kprobe first", "run_cnt", {10, 12, 11}}, {"kprobe second", "run_cnt", {0, 0, 0}}},
          .base = {100000, 100000, 100000},
          .status = CellStatus::measured};
}

OwnProbe own_probe() {
  return {.type = "bpf-object", .place = "my.bpf.o", .cost = Span{400, 400, 400}, .priced = {"kprobe first"}};
}

TEST(OwnPrediction, MultipliesTheHitsOfWhatHasAPrice) {
  const auto prediction = prediction_of(own_counts(), {}, own_probe());
  ASSERT_EQ(prediction.sites.size(), 1u);
  const auto& site = prediction.sites.front();
  EXPECT_EQ(site.reason, "");
  EXPECT_EQ(site.hits, (Span{11, 10, 12}));
  EXPECT_DOUBLE_EQ(site.per_run->value, 4400);
  EXPECT_NEAR(prediction.overhead_percent->value, 4.4, 1e-9);
}

TEST(OwnPrediction, HasNoAnswerForHitsWithoutAPrice) {
  auto counts = own_counts();
  counts.own[1].hits = {3, 3, 3};
  const auto prediction = prediction_of(counts, {}, own_probe());
  EXPECT_FALSE(prediction.overhead_percent);
  EXPECT_EQ(prediction.sites.front().reason,
            "the command hits kprobe second 3 times, and no operation of the workload does: its cost is not "
            "known");
}

TEST(OwnPrediction, HasNoAnswerWhereHitsWereMissed) {
  auto counts = own_counts();
  counts.own[0].missed = 2;
  EXPECT_FALSE(prediction_of(counts, {}, own_probe()).overhead_percent);
}

TEST(OwnPrediction, HasNoAnswerWithoutACost) {
  auto own = own_probe();
  own.cost.reset();
  own.reason = "one place is armed twice";
  const auto prediction = prediction_of(own_counts(), {}, own);
  EXPECT_FALSE(prediction.overhead_percent);
  EXPECT_EQ(prediction.sites.front().reason, own.reason);
}

// One cost is that of both: it is due at least as often as the rarer is hit, and at most as the other.
TEST(OwnPrediction, IsBetweenTheRarestAndTheMostFrequent) {
  auto counts = own_counts();
  auto own = own_probe();
  own.priced.emplace_back("kprobe second");
  counts.own[1].hits = {5, 5, 5};
  EXPECT_EQ(prediction_of(counts, {}, own).sites.front().hits, (Span{11, 5, 12}));
}

TEST(CommandPrediction, TellsWhatIsNotInTheCounts) {
  TargetInfo target;
  target.clock = ClockKind::instructions;
  PredictCounts counts{.sites = {}, .base = {100000}, .status = CellStatus::measured};
  EXPECT_EQ(text::prediction_text(target, prediction_of(counts, {})).find("note:"), std::string::npos);
  counts.outlived = 2;
  EXPECT_NE(
      text::prediction_text(target, prediction_of(counts, {})).find("note: 2 of the command's processes"),
      std::string::npos);
}

// The reason of each row, which names its type: two may ask for one place.
TEST(CommandPrediction, ShowsTheTableWhereAProbeIsRefused) {
  TargetInfo target;
  target.clock = ClockKind::instructions;
  const PredictCounts counts{
      .sites = {{{ProbeType::fentry, "f"}, "", {}, CellStatus::errored, "not in BTF"},
                {{ProbeType::kprobe_ftrace, "f"}, "", {}, CellStatus::skipped, "not counted"}},
      .status = CellStatus::errored,
      .reason = "a probe is refused"};
  const auto text = text::prediction_text(target, prediction_of(counts, {}));
  EXPECT_NE(text.find("fentry:f: not in BTF\n"), std::string::npos) << text;
  EXPECT_NE(text.find("no answer"), std::string::npos) << text;
  const PredictCounts failed{.sites = {{.site = {ProbeType::fentry, "f"}, .counted_by = {}}},
                             .status = CellStatus::errored,
                             .reason = "exit code 1"};
  EXPECT_EQ(text::prediction_text(target, prediction_of(failed, {})), "");
}

// An offset is past the entry, whatever the type does without one.
TEST(CommandPrediction, TakesCostsOfTheKindOfSite) {
  auto entry = measured_cell(ProbeType::bpf_kprobe, 300);
  auto mid = entry;
  entry.result.cell.site = SiteId::entry;
  mid.result.cell.site = SiteId::mid;
  mid.summary.instructions_per_hit->value = 500;
  mid.summary.instructions_per_hit->low = mid.summary.instructions_per_hit->high = 500;
  const auto cost_at = [&](std::optional<std::uint64_t> offset) {
    PredictSite site{.probe_type = ProbeType::bpf_kprobe, .place = "f", .offset = offset};
    const PredictCounts counts{.sites = {{site, "kprobe", {1}, CellStatus::measured, ""}},
                               .base = {100},
                               .status = CellStatus::measured};
    return prediction_of(counts, {entry, mid}).sites.front().cost->value;
  };
  EXPECT_DOUBLE_EQ(cost_at({}), 300);
  EXPECT_DOUBLE_EQ(cost_at(0), 300);
  EXPECT_DOUBLE_EQ(cost_at(0x10), 500);
}

// `predict --accel tcg --clock tsc`: the id is that of a target whose instructions are counted.
TEST(CommandPrediction, NamesWhatTheClockOfTheTargetCounts) {
  const PredictCounts counts{.sites = {}, .base = {100000}, .status = CellStatus::measured};
  TargetInfo target;
  target.id = "vm-tcg-6.12";
  target.clock = ClockKind::emulated_time;
  const auto text = text::prediction_text(target, prediction_of(counts, {}));
  EXPECT_EQ(text.find("vm-tcg-6.12: emulated time, for tests only\n"), 0u) << text;
  EXPECT_EQ(text.find("executed instructions"), std::string::npos) << text;
  target.clock = ClockKind::instructions;
  EXPECT_EQ(text::prediction_text(target, prediction_of(counts, {}))
                .find("vm-tcg-6.12: executed instructions, not time"),
            0u);
}

}  // namespace

}  // namespace probebench::reproduce
