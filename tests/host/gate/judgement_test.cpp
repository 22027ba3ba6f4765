// SPDX-License-Identifier: MIT
// Matching, comparing and judging, on sides made by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gate/compare.h"
#include "gate_fixture.h"

namespace probebench::gate {
namespace {

const std::string kCell = "kprobe-optimized/module/mid/nop/threads:1";
const std::string kOther = "ftrace/module/entry/nop/threads:1";

Side base_side() {
  return side_with({counted_cell(kCell, 100), counted_cell(kOther, 35)});
}

Side head_side(double cell, double other) {
  return side_with({counted_cell(kCell, cell), counted_cell(kOther, other)});
}

TEST(Exact, EqualCountsPass) {
  const auto judgement = judged(base_side(), head_side(100, 35));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(judgement.exit_code(), ExitCode::fine);
}

TEST(Exact, OneInstructionMoreIsARegressionOfThatCellAlone) {
  const auto judgement = judged(base_side(), head_side(101, 35));
  EXPECT_EQ(judgement.exit_code(), ExitCode::regression);
  EXPECT_EQ(cell_in(judgement, kCell).verdict, Verdict::regression);
  EXPECT_EQ(cell_in(judgement, kCell).cell.lead()->absolute, 1);
  EXPECT_EQ(cell_in(judgement, kOther).verdict, Verdict::pass);
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
  EXPECT_EQ(cell_in(judgement, kCell).why, "within the limits");
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
  EXPECT_EQ(cell_in(close, kCell).why, "not exact: rounds differ");
  EXPECT_EQ(judged(base_side(), demoted(99, 100, 104)).exit_code(), ExitCode::unfit);
  EXPECT_EQ(judged(base_side(), demoted(103, 104, 105)).verdict, Verdict::regression);
  EXPECT_EQ(judged(base_side(), demoted(95, 96, 97)).verdict, Verdict::improvement);
}

TEST(Demoted, TimesNeedPairsHoweverCloseTheyAre) {
  auto base = base_side();
  auto head = demoted(99.9, 100, 100.1);
  for (auto* side : {&base, &head}) side->targets[0].identity["clock"] = "tsc";
  EXPECT_EQ(cell_in(judged(base, head), kCell).verdict, Verdict::inconclusive);
}

TEST(Mechanism, AnotherObservedStateIsARegressionEvenAtTheSameCount) {
  auto head = head_side(100, 35);
  head.targets[0].cells[0].state = "detour";
  const auto judgement = judged(base_side(), head);
  EXPECT_EQ(cell_in(judgement, kCell).verdict, Verdict::regression);
  EXPECT_EQ(cell_in(judgement, kCell).why, "mechanism: optimized -> detour");
  EXPECT_EQ(judged(base_side(), head, {.may_differ = {}, .chosen = true}).verdict, Verdict::pass);
}

TEST(Completeness, AMissingCellFails) {
  const auto judgement = judged(base_side(), side_with({counted_cell(kCell, 100)}));
  EXPECT_EQ(judgement.exit_code(), ExitCode::regression);
  EXPECT_EQ(cell_in(judgement, kOther).verdict, Verdict::incomplete);
}

TEST(Completeness, SkippedErroredAndInvalidCellsFail) {
  for (const auto status : {CellStatus::skipped, CellStatus::errored, CellStatus::invalid}) {
    const auto head = side_with({counted_cell(kCell, 100), absent_cell(kOther, status, "a miss")});
    const auto judgement = judged(base_side(), head);
    EXPECT_EQ(judgement.exit_code(), ExitCode::regression) << name_of(status);
    EXPECT_NE(cell_in(judgement, kOther).why.find("a miss"), std::string::npos);
  }
}

TEST(Completeness, AnInvalidCellFailsEvenWhenTheBaseHasItToo) {
  const auto side = side_with({counted_cell(kCell, 100), absent_cell(kOther, CellStatus::invalid, "a miss")});
  EXPECT_EQ(judged(side, side).verdict, Verdict::incomplete);
}

TEST(Completeness, ACellThatNeitherSideCouldMeasureIsNoFailure) {
  const auto side =
      side_with({counted_cell(kCell, 100), absent_cell(kOther, CellStatus::skipped, "no fprobe")});
  EXPECT_EQ(judged(side, side).verdict, Verdict::pass);
}

TEST(Completeness, AMissingCellCanBeAcceptedByName) {
  Limits limits;
  limits.accepts.push_back({kOther, "removed on purpose"});
  const auto judgement = judged(base_side(), side_with({counted_cell(kCell, 100)}), {}, limits);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, kOther).accepted, "removed on purpose");
}

TEST(Completeness, AnAddedCellPasses) {
  const auto judgement = judged(side_with({counted_cell(kCell, 100)}), base_side());
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, kOther).verdict, Verdict::added);
}

TEST(Incomparable, NothingInCommonIsNeverGreen) {
  const auto judgement = judged(side_with({counted_cell(kCell, 1)}), side_with({counted_cell(kOther, 1)}));
  EXPECT_EQ(judgement.verdict, Verdict::incomparable);
  EXPECT_EQ(judged(side_with({}), side_with({})).verdict, Verdict::incomparable);
  const auto skipped = side_with({absent_cell(kCell, CellStatus::skipped, "no module")});
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

TEST(Handlers, CellsGoTogetherWithoutThemWhenTheyAreWhatDiffers) {
  const auto base = side_with({counted_cell("uprobe/user/nop/delay:500/threads:1", 100)});
  const auto head = side_with({counted_cell("uprobe/user/nop/delay:550/threads:1", 110)});
  EXPECT_EQ(judged(base, head).verdict, Verdict::incomparable);
  const MatchRules rules{.may_differ = {}, .chosen = true, .any_handler = true};
  EXPECT_EQ(cell_in(judged(base, head, rules), "uprobe/user/nop/threads:1").verdict, Verdict::regression);
}

TEST(Order, LargestRelativeChangeFirstAndNoiseLast) {
  const auto base = side_with({timed_cell("noise", 100), counted_cell("same", 10), counted_cell("small", 100),
                               counted_cell("large", 10), timed_cell("real", 100)});
  const auto head = side_with({timed_cell("noise", 101), counted_cell("same", 10), counted_cell("small", 101),
                               counted_cell("large", 12), timed_cell("real", 110)});
  std::string order;
  const auto compared = compare(match(base, head, {}));
  for (const auto& cell : compared[0].cells) order += cell.cells.name + " ";
  EXPECT_EQ(order, "large real small noise same ");
}

// Pairs whose head costs `ratio` of the base, each value off by up to `noise`.
PairedCell pairs_of(const std::string& name, std::size_t count, double ratio, double noise,
                    double control = 1) {
  std::mt19937_64 generator(7);
  const auto one = [&](double centre) {
    return centre * (1 + noise * (static_cast<double>(generator() % 2001) / 1000 - 1));
  };
  PairedCell cell;
  cell.name = name;
  cell.metric = "ticks_per_hit";
  for (std::size_t i = 0; i < count; ++i) {
    cell.values.base.push_back(one(1000));
    cell.values.head.push_back(one(1000 * ratio));
    cell.values.control.push_back(one(1000 * control));
  }
  return cell;
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
  cell.name = kCell;
  for (const auto& metric : kMetrics) {
    cell.figures.push_back({std::string(metric.name), noisy_metric(100, 99, 101)});
  }
  std::vector<std::string> order;
  for (const auto& change : changes_of({kCell, cell, cell})) order.push_back(change.metric);
  EXPECT_EQ(order, (std::vector<std::string>{"cycles_per_hit", "core_clocks_per_hit", "ticks_per_hit",
                                             "instructions_per_hit", "exceptions_per_hit", "ns_per_hit",
                                             "hits_per_second"}));
}

TEST(Noisy, WithoutPairsNothingIsProved) {
  const auto side = side_with({timed_cell(kCell, 100)});
  const auto judgement = judged(side, side);
  EXPECT_EQ(judgement.exit_code(), ExitCode::unfit);
  EXPECT_NE(cell_in(judgement, kCell).why.find("interleaved"), std::string::npos);
}

TEST(Noisy, VerdictsBySizeOfTheChange) {
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 20, 1.00, 0.01)).verdict, Verdict::pass);
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 20, 1.10, 0.01)).verdict, Verdict::regression);
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 20, 0.90, 0.01)).verdict, Verdict::improvement);
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 20, 1.02, 0.01)).verdict, Verdict::inconclusive);
}

TEST(Noisy, TheFloorGrowsWithTheSpreadOfTheControl) {
  const auto calm = judged_pairs(pairs_of(kCell, 20, 1.0, 0.001));
  const auto wild = judged_pairs(pairs_of(kCell, 20, 1.0, 0.2));
  EXPECT_EQ(cell_in(calm, kCell).paired->floor, 0.02);
  EXPECT_GT(cell_in(wild, kCell).paired->floor, 0.05);
}

TEST(Noisy, TheFloorIsNotBelowTheCountersResolution) {
  auto cell = pairs_of(kCell, 20, 1.0, 0.001);
  cell.resolution = 0.2;
  EXPECT_EQ(cell_in(judged_pairs(cell), kCell).paired->floor, 0.2);
}

TEST(Noisy, TooFewPairsAreInconclusive) {
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 8, 1.5, 0.01)).verdict, Verdict::inconclusive);
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 0, 1.5, 0.01)).verdict, Verdict::inconclusive);
  auto broken = pairs_of(kCell, 20, 1.0, 0.01);
  for (std::size_t i = 0; i < 12; ++i) broken.values.head[i] = std::nan("");
  EXPECT_EQ(judged_pairs(broken).verdict, Verdict::inconclusive);
}

TEST(Noisy, AControlThatMovesMakesTheMachineUnfit) {
  const auto judgement = judged_pairs(pairs_of(kCell, 20, 1.10, 0.01, 1.10));
  EXPECT_EQ(judgement.exit_code(), ExitCode::unfit);
  EXPECT_NE(judgement.unfit.find(kCell), std::string::npos);
  EXPECT_EQ(cell_in(judgement, kCell).verdict, Verdict::inconclusive);
}

TEST(Noisy, IdenticalSidesNeverRegress) {
  EXPECT_EQ(judged_pairs(pairs_of(kCell, 20, 1.10, 0.01), true).verdict, Verdict::inconclusive);
}

TEST(Noisy, ARegressionThatAFreshRunDoesNotConfirmIsInconclusive) {
  auto cell = pairs_of(kCell, 20, 1.10, 0.01);
  cell.confirmation = pairs_of(kCell, 20, 1.00, 0.01).values;
  EXPECT_EQ(judged_pairs(cell).verdict, Verdict::inconclusive);
  cell.confirmation = pairs_of(kCell, 20, 1.10, 0.01).values;
  EXPECT_EQ(judged_pairs(cell).verdict, Verdict::regression);
  EXPECT_TRUE(cell_in(judged_pairs(cell), kCell).paired->confirmed);
}

// `drift` is the machine's: it moves all three of a block alike.
PairedCell drifting(const std::string& name, std::size_t count, double ratio) {
  PairedCell cell;
  cell.name = name;
  cell.metric = "ticks_per_hit";
  for (std::size_t i = 0; i < count; ++i) {
    const double drift = 1 + static_cast<double>(i * 7 % 11) / 20;
    cell.values.base.push_back(1000 * drift);
    cell.values.head.push_back(1000 * drift * ratio);
    cell.values.control.push_back(1000 * drift);
  }
  return cell;
}

Session session_of(const PairedCell& cell, std::size_t cells) {
  Session session;
  for (std::size_t i = 0; i < cells; ++i) {
    session.cells.push_back(cell);
    if (i > 0) session.cells.back().name = "other" + std::to_string(i);
  }
  return session;
}

TEST(Noisy, ManyCellsNeedAStrongerProof) {
  // 4 of 20 pairs below the floor: p = 0.006 alone, too weak among three cells.
  auto cell = drifting(kCell, 20, 1.10);
  for (std::size_t i = 0; i < 4; ++i) cell.values.head[i] = cell.values.base[i];
  EXPECT_EQ(paired_verdicts(session_of(cell, 1), {}).at(kCell).verdict, Verdict::regression);
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kCell).verdict, Verdict::inconclusive);
}

TEST(Noisy, PairsThatCouldShowNoRegressionOfSoManyCellsAreRefused) {
  EXPECT_EQ(pairs_needed(1), 9u);
  EXPECT_EQ(pairs_needed(3), 9u);
  EXPECT_EQ(pairs_needed(6), 10u) << "6/512 is more than 0.7 %";
  EXPECT_EQ(pairs_needed(1000), 18u);
  const auto cell = drifting(kCell, 9, 1.5);
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kCell).verdict, Verdict::regression);
  const auto refused = paired_verdicts(session_of(cell, 6), {}).at(kCell);
  EXPECT_EQ(refused.verdict, Verdict::inconclusive);
  EXPECT_EQ(refused.why, "9 pairs of 6 cells: 10 are needed, with fewer no regression can be shown");
  const auto enough = drifting(kCell, 10, 1.5);
  EXPECT_EQ(paired_verdicts(session_of(enough, 6), {}).at(kCell).verdict, Verdict::regression);
}

TEST(Noisy, ExactlyAtTheFloorIsNotAboveIt) {
  EXPECT_GT(std::expm1(std::log(1020.0 / 1000)), 0.02) << "by rounding";
  EXPECT_FALSE(above_floor(std::expm1(std::log(1020.0 / 1000)), 0.02));
  const auto at_it = paired_verdicts(session_of(drifting(kCell, 20, 1.02), 1), {}).at(kCell);
  EXPECT_EQ(at_it.verdict, Verdict::pass);
  EXPECT_NEAR(at_it.opinion.p, 1, 1e-9);
  const auto above = paired_verdicts(session_of(drifting(kCell, 20, 1.0201), 1), {}).at(kCell);
  EXPECT_EQ(above.verdict, Verdict::regression);
  EXPECT_EQ(judged(base_side(), demoted(101, 102, 102)).verdict, Verdict::pass) << "of counts, too";
}

// So many of `count` visits cost 20 % more.
PairedCell with_slow_mode(std::size_t count, std::size_t base, std::size_t head) {
  auto cell = pairs_of(kCell, count, 1.0, 0.002);
  const auto slow_down = [](std::vector<double>& values, std::size_t slow) {
    for (std::size_t i = 0; i < slow; ++i) values[i * values.size() / slow] *= 1.2;
  };
  slow_down(cell.values.base, base);
  slow_down(cell.values.control, base);
  slow_down(cell.values.head, head);
  return cell;
}

TEST(SlowMode, ThatGrowsIsARegressionThoughTheMedianStays) {
  const auto verdict = paired_verdicts(session_of(with_slow_mode(40, 2, 16), 1), {}).at(kCell);
  EXPECT_EQ(verdict.verdict, Verdict::regression);
  EXPECT_EQ(verdict.why, "slow mode: 5 % -> 40 % of visits");
  EXPECT_LT(verdict.opinion.change, 0.02);
}

TEST(SlowMode, ThatStaysIsNone) {
  EXPECT_EQ(judged_pairs(with_slow_mode(40, 2, 2)).verdict, Verdict::pass);
  EXPECT_EQ(judged_pairs(with_slow_mode(40, 12, 12)).verdict, Verdict::pass);
  EXPECT_EQ(judged_pairs(with_slow_mode(40, 12, 2)).verdict, Verdict::pass) << "fewer slow ones";
}

TEST(SlowMode, ThatMayHaveGrownDoesNotPass) {
  const auto verdict = paired_verdicts(session_of(with_slow_mode(20, 0, 3), 1), {}).at(kCell);
  EXPECT_EQ(verdict.verdict, Verdict::inconclusive);
  EXPECT_EQ(verdict.why, "slow mode: 0 % -> 15 % of visits, which may be chance");
}

TEST(SlowMode, IsCorrectedForTheNumberOfCells) {
  const auto cell = with_slow_mode(20, 0, 6);  // p = 0.0008
  EXPECT_EQ(paired_verdicts(session_of(cell, 3), {}).at(kCell).verdict, Verdict::regression);
  EXPECT_EQ(paired_verdicts(session_of(cell, 4), {}).at(kCell).verdict, Verdict::inconclusive);
}

TEST(SlowMode, IsConfirmed) {
  auto cell = with_slow_mode(40, 2, 16);
  cell.confirmation = with_slow_mode(40, 2, 2).values;
  const auto refuted = paired_verdicts(session_of(cell, 1), {}).at(kCell);
  EXPECT_EQ(refuted.verdict, Verdict::inconclusive);
  EXPECT_EQ(refuted.why, "slow mode: 5 % -> 40 % of visits; a fresh run found 5 % -> 5 %: not confirmed");
  cell.confirmation = with_slow_mode(40, 2, 12).values;
  EXPECT_TRUE(paired_verdicts(session_of(cell, 1), {}).at(kCell).opinion.confirmed);
}

// Layouts that the control's visits take in turn, each off by its own share.
PairedCell laid_out(double head, const std::vector<double>& layouts) {
  auto cell = drifting(kCell, 20, head);
  for (std::size_t i = 0; i < cell.values.control.size(); ++i) {
    cell.values.control[i] *= 1 + layouts[i % layouts.size()];
  }
  return cell;
}

TEST(Layouts, TheirSpreadIsTheFloor) {
  const std::vector<double> layouts{0.02, -0.02, 0.01, -0.01};
  auto session = session_of(laid_out(1.05, layouts), 1);
  EXPECT_EQ(paired_verdicts(session, {}).at(kCell).verdict, Verdict::regression) << "as one control";
  session.layouts = layouts.size();
  const auto verdict = paired_verdicts(session, {}).at(kCell);
  EXPECT_EQ(verdict.verdict, Verdict::inconclusive);
  // Student's t of 4 degrees of freedom at 0.7 % is 4.17; the five layouts' standard deviation is 1.6 %.
  EXPECT_NEAR(verdict.opinion.floor, std::expm1(4.17275 * std::sqrt(2.0) * 0.0158135), 1e-5);
  session = session_of(laid_out(1.15, layouts), 1);
  session.layouts = layouts.size();
  EXPECT_EQ(paired_verdicts(session, {}).at(kCell).verdict, Verdict::regression);
}

}  // namespace
}  // namespace probebench::gate
