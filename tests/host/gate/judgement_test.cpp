// SPDX-License-Identifier: MIT
// Matching, comparing and judging, on sides made by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "gate/compare.h"
#include "gate_fixture.h"

namespace probebench::gate {
namespace {

const std::string a_cell = "kprobe-optimized/module/mid/nop/threads:1";
const std::string other_cell = "ftrace/module/entry/nop/threads:1";

Side base_side() {
  return side_with({counted_cell(a_cell, 100), counted_cell(other_cell, 35)});
}

Side head_side(double cell, double other) {
  return side_with({counted_cell(a_cell, cell), counted_cell(other_cell, other)});
}

TEST(Exact, EqualCountsPass) {
  const auto judgement = judged(base_side(), head_side(100, 35));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(judgement.exit_code(), ExitCode::fine);
}

TEST(Exact, OneInstructionMoreIsARegressionOfThatCellAlone) {
  const auto judgement = judged(base_side(), head_side(101, 35));
  EXPECT_EQ(judgement.exit_code(), ExitCode::regression);
  EXPECT_EQ(cell_in(judgement, a_cell).verdict, Verdict::regression);
  EXPECT_EQ(cell_in(judgement, a_cell).cell.lead()->absolute, 1);
  EXPECT_EQ(cell_in(judgement, other_cell).verdict, Verdict::pass);
}

TEST(Exact, FewerInstructionsAreAnImprovementAndDoNotMakeUpForARegression) {
  EXPECT_EQ(judged(base_side(), head_side(99, 35)).verdict, Verdict::improvement);
  EXPECT_EQ(judged(base_side(), head_side(99, 35)).exit_code(), ExitCode::fine);
  EXPECT_EQ(judged(base_side(), head_side(99, 36)).verdict, Verdict::regression);
}

TEST(Exact, LimitsLetSmallChangesPassAndSaySo) {
  Limits limits;
  limits.rules.push_back({"kprobe-*", "*", {.absolute = 1, .relative = 0}});
  const auto judgement = judged(base_side(), head_side(101, 35), {}, limits);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, a_cell).why, "within the limits");
  EXPECT_EQ(judged(base_side(), head_side(102, 35), {}, limits).verdict, Verdict::regression);
  EXPECT_EQ(judged(base_side(), head_side(101, 36), {}, limits).verdict, Verdict::regression);
}

// A head whose first cell's rounds were not all alike.
Side demoted(double low, double value, double high) {
  auto head = head_side(value, 35);
  auto& metric = head.targets[0].cells[0].figures[0].value;
  metric = noisy_metric(value, low, high);
  metric.note = "rounds differ";
  return head;
}

TEST(Demoted, CountsAreJudgedByTheRangeOfTheirRounds) {
  const auto close = judged(base_side(), demoted(99.9, 100, 100.1));
  EXPECT_EQ(close.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(close, a_cell).why, "not exact: rounds differ");
  EXPECT_EQ(judged(base_side(), demoted(99, 100, 104)).exit_code(), ExitCode::unfit);
  EXPECT_EQ(judged(base_side(), demoted(103, 104, 105)).verdict, Verdict::regression);
  EXPECT_EQ(judged(base_side(), demoted(95, 96, 97)).verdict, Verdict::improvement);
  EXPECT_EQ(judged(base_side(), demoted(101, 102, 102)).verdict, Verdict::pass) << "at the floor";
}

TEST(Demoted, TimesNeedPairsHoweverCloseTheyAre) {
  auto base = base_side();
  auto head = demoted(99.9, 100, 100.1);
  for (auto* side : {&base, &head}) side->targets[0].identity["clock"] = "tsc";
  EXPECT_EQ(cell_in(judged(base, head), a_cell).verdict, Verdict::inconclusive);
}

TEST(Mechanism, AnotherObservedStateIsARegressionEvenAtTheSameCount) {
  auto head = head_side(100, 35);
  head.targets[0].cells[0].state = "detour";
  const auto judgement = judged(base_side(), head);
  EXPECT_EQ(cell_in(judgement, a_cell).verdict, Verdict::regression);
  EXPECT_EQ(cell_in(judgement, a_cell).why, "mechanism: optimized -> detour");
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {}, .chosen = true}).verdict, Verdict::pass);
}

TEST(Completeness, AMissingCellFails) {
  const auto judgement = judged(base_side(), side_with({counted_cell(a_cell, 100)}));
  EXPECT_EQ(judgement.exit_code(), ExitCode::regression);
  EXPECT_EQ(cell_in(judgement, other_cell).verdict, Verdict::incomplete);
}

TEST(Completeness, SkippedErroredAndInvalidCellsFail) {
  for (const auto status : {CellStatus::skipped, CellStatus::errored, CellStatus::invalid}) {
    const auto head = side_with({counted_cell(a_cell, 100), absent_cell(other_cell, status, "a miss")});
    const auto judgement = judged(base_side(), head);
    EXPECT_EQ(judgement.exit_code(), ExitCode::regression) << name_of(status);
    EXPECT_NE(cell_in(judgement, other_cell).why.find("a miss"), std::string::npos);
  }
}

TEST(Completeness, AnInvalidCellFailsEvenWhenTheBaseHasItToo) {
  const auto side =
      side_with({counted_cell(a_cell, 100), absent_cell(other_cell, CellStatus::invalid, "a miss")});
  EXPECT_EQ(judged(side, side).verdict, Verdict::incomplete);
}

TEST(Completeness, ACellThatNeitherSideCouldMeasureIsNoFailure) {
  const auto side =
      side_with({counted_cell(a_cell, 100), absent_cell(other_cell, CellStatus::skipped, "no fprobe")});
  EXPECT_EQ(judged(side, side).verdict, Verdict::pass);
}

TEST(Completeness, AMissingCellCanBeAcceptedByName) {
  Limits limits;
  limits.accepts.push_back({other_cell, "removed on purpose"});
  const auto judgement = judged(base_side(), side_with({counted_cell(a_cell, 100)}), {}, limits);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, other_cell).accepted, "removed on purpose");
}

TEST(Completeness, AnAddedCellPasses) {
  const auto judgement = judged(side_with({counted_cell(a_cell, 100)}), base_side());
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, other_cell).verdict, Verdict::added);
}

TEST(Incomparable, NothingInCommonIsNeverGreen) {
  const auto judgement =
      judged(side_with({counted_cell(a_cell, 1)}), side_with({counted_cell(other_cell, 1)}));
  EXPECT_EQ(judgement.verdict, Verdict::incomparable);
  EXPECT_EQ(judged(side_with({}), side_with({})).verdict, Verdict::incomparable);
  const auto skipped = side_with({absent_cell(a_cell, CellStatus::skipped, "no module")});
  EXPECT_EQ(judged(skipped, skipped).verdict, Verdict::incomparable);
}

TEST(Incomparable, AnotherMachine) {
  auto head = head_side(100, 35);
  head.targets[0].identity["cpu.model"] = "Skylake";
  const auto judgement = judged(base_side(), head);
  EXPECT_EQ(judgement.exit_code(), ExitCode::unfit);
  EXPECT_EQ(judgement.targets[0].why, "different: cpu.model");
  EXPECT_TRUE(judgement.targets[0].cells.empty());
}

TEST(Incomparable, AFactThatMayDifferDoesNotMatter) {
  auto head = head_side(100, 35);
  head.targets[0].identity["module.sha256"] = "bbbb";
  EXPECT_EQ(judged(base_side(), head).verdict, Verdict::incomparable);
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {"module.sha256"}}).verdict, Verdict::pass);
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {"module.*"}}).verdict, Verdict::pass);
}

TEST(Incomparable, ChosenSidesMayDifferInAnythingButTheClock) {
  auto head = head_side(100, 35);
  head.targets[0].identity["kernel.release"] = "6.12";
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {}, .chosen = true}).verdict, Verdict::pass);
  head.targets[0].identity["clock"] = "tsc";
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {}, .chosen = true}).verdict, Verdict::incomparable);
}

TEST(Incomparable, TargetsThatNeverCameUp) {
  auto head = head_side(100, 35);
  head.targets[0].fingerprint.clear();
  head.targets[0].ended = "the guest's kernel panicked";
  EXPECT_EQ(judged(base_side(), head).exit_code(), ExitCode::regression);
}

TEST(Targets, EveryHeadFindsItsOwnBase) {
  auto base = base_side();
  auto second = head_side(200, 70).targets[0];
  second.id = "vm-tcg-6.12";
  second.identity["kernel.release"] = "6.12";
  base.targets.push_back(second);
  auto head = base;
  std::swap(head.targets[0], head.targets[1]);
  EXPECT_EQ(judged(base, head).verdict, Verdict::pass);
  head.targets.pop_back();
  EXPECT_EQ(judged(base, head).verdict, Verdict::incomplete);
  base.is_folder = true;
  EXPECT_EQ(judged(base, head).verdict, Verdict::pass) << "baselines of other kernels are not needed";
}

TEST(Targets, AFolderOfBaselinesHasNoneOfAnotherKernel) {
  auto base = base_side();
  auto another = head_side(200, 70);
  another.targets[0].identity["kernel.release"] = "5.10.0-46-cloud-amd64";
  EXPECT_TRUE(judged(base, another).targets.at(0).targets.base) << "two files were meant to be compared";
  base.is_folder = true;
  const auto judgement = judged(base, another);
  EXPECT_FALSE(judgement.targets.at(0).targets.base);
  EXPECT_EQ(judgement.targets.at(0).why, "the base has no such target");
  EXPECT_EQ(judgement.verdict, Verdict::incomparable);
  another.targets[0].identity["kernel.release"] = "6.1.0-57-cloud-amd64";
  EXPECT_TRUE(judged(base, another).targets.at(0).targets.base) << "what differs is said of the next package";
}

TEST(Handlers, CellsGoTogetherWithoutThemWhenTheyAreWhatDiffers) {
  const auto base = side_with({counted_cell("uprobe/user/nop/delay:500/threads:1", 100)});
  const auto head = side_with({counted_cell("uprobe/user/nop/delay:550/threads:1", 110)});
  EXPECT_EQ(judged(base, head).verdict, Verdict::incomparable);
  const MatchRules rules{.may_differ = {}, .chosen = true, .any_handler = true};
  EXPECT_EQ(cell_in(judged(base, head, rules), "uprobe/user/nop/threads:1").verdict, Verdict::regression);
}

TEST(Order, LargestRelativeChangeFirstAndNoiseLast) {
  auto base = side_with({timed_cell("noise", 100), counted_cell("same", 10), counted_cell("small", 100),
                         counted_cell("large", 10), timed_cell("real", 100)});
  auto head = side_with({timed_cell("noise", 101), counted_cell("same", 10), counted_cell("small", 101),
                         counted_cell("large", 12), timed_cell("real", 110)});
  std::string order;
  const auto compared = compare(match(base, head, {}));
  for (const auto& cell : compared[0].cells) order += cell.cells.name + " ";
  EXPECT_EQ(order, "large real small noise same ");
}

Judgement judged_pairs(PairedCell cell, bool identical = false) {
  Session session;
  session.identical = identical;
  const auto name = cell.name;
  session.cells.push_back(std::move(cell));
  return judged(side_with({timed_cell(name, 1000)}), side_with({timed_cell(name, 1000)}), {}, {}, &session);
}

TEST(Order, OfTimesClocksLeadBeforeTicksAndWhatAPmuCounted) {
  SideCell cell;
  cell.name = a_cell;
  for (const auto& metric : kMetrics) {
    cell.figures.push_back({metric.name, noisy_metric(100, 99, 101)});
  }
  std::vector<std::string> order;
  for (const auto& change : changes_of({a_cell, cell, cell})) order.emplace_back(change.metric);
  EXPECT_EQ(order, (std::vector<std::string>{"cycles_per_hit", "core_clocks_per_hit", "ticks_per_hit",
                                             "instructions_per_hit", "exceptions_per_hit", "ns_per_hit",
                                             "hits_per_second"}));
}

TEST(Noisy, WithoutPairsNothingIsProved) {
  const auto side = side_with({timed_cell(a_cell, 100)});
  const auto judgement = judged(side, side);
  EXPECT_EQ(judgement.exit_code(), ExitCode::unfit);
  EXPECT_NE(cell_in(judgement, a_cell).why.find("interleaved"), std::string::npos);
}

TEST(Noisy, VerdictsBySizeOfTheChange) {
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 20, 1.00, 0.01)).verdict, Verdict::pass);
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 20, 1.10, 0.01)).verdict, Verdict::regression);
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 20, 0.90, 0.01)).verdict, Verdict::improvement);
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 20, 1.02, 0.01)).verdict, Verdict::inconclusive);
}

TEST(Noisy, TheFloorGrowsWithTheSpreadOfTheControl) {
  const auto calm = judged_pairs(pairs_of(a_cell, 20, 1.0, 0.001));
  const auto wild = judged_pairs(pairs_of(a_cell, 20, 1.0, 0.2));
  EXPECT_EQ(cell_in(calm, a_cell).paired->floor, 0.02);
  EXPECT_GT(cell_in(wild, a_cell).paired->floor, 0.05);
}

TEST(Noisy, TheFloorIsNotBelowTheCountersResolution) {
  auto cell = pairs_of(a_cell, 20, 1.0, 0.001);
  cell.resolution = 0.2;
  EXPECT_EQ(cell_in(judged_pairs(cell), a_cell).paired->floor, 0.2);
}

TEST(Noisy, TooFewPairsAreInconclusive) {
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 8, 1.5, 0.01)).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 0, 1.5, 0.01)).verdict, Verdict::inconclusive);
  auto broken = pairs_of(a_cell, 20, 1.0, 0.01);
  for (std::size_t i = 0; i < 12; ++i) broken.values.head[i] = std::nan("");
  EXPECT_EQ(judged_pairs(broken).verdict, Verdict::inconclusive);
}

TEST(Noisy, AControlThatMovesMakesTheMachineUnfit) {
  const auto judgement = judged_pairs(pairs_of(a_cell, 20, 1.10, 0.01, 1.10));
  EXPECT_EQ(judgement.exit_code(), ExitCode::unfit);
  EXPECT_NE(judgement.unfit.find(a_cell), std::string::npos);
  EXPECT_EQ(cell_in(judgement, a_cell).verdict, Verdict::inconclusive);
}

TEST(Noisy, IdenticalSidesNeverRegress) {
  EXPECT_EQ(judged_pairs(pairs_of(a_cell, 20, 1.10, 0.01), true).verdict, Verdict::inconclusive);
}

TEST(Noisy, ARegressionThatAFreshRunDoesNotConfirmIsInconclusive) {
  auto cell = pairs_of(a_cell, 20, 1.10, 0.01);
  cell.confirmation = pairs_of(a_cell, 20, 1.00, 0.01).values;
  EXPECT_EQ(judged_pairs(cell).verdict, Verdict::inconclusive);
  cell.confirmation = pairs_of(a_cell, 20, 1.10, 0.01).values;
  EXPECT_EQ(judged_pairs(cell).verdict, Verdict::regression);
  EXPECT_TRUE(cell_in(judged_pairs(cell), a_cell).paired->confirmed);
}

TEST(Match, OneCompilerUnderTwoNamesForbidsNothing) {
  auto base = base_side();
  auto head = head_side(100, 35);
  base.targets[0].identity["compiler.version"] = "gcc (Debian 12.2.0-14+deb12u1) 12.2.0";
  head.targets[0].identity["compiler.version"] = "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0";
  EXPECT_EQ(judged(base, head).exit_code(), ExitCode::fine);
  head.targets[0].identity["compiler.version"] = "gcc-14 (Debian 14.2.0-19) 14.2.0";
  EXPECT_EQ(judged(base, head).exit_code(), ExitCode::unfit);
}

}  // namespace
}  // namespace probebench::gate
