// SPDX-License-Identifier: MIT
#include "stats/summarise.h"

#include <gtest/gtest.h>

#include <numeric>

#include "stats/robust.h"

namespace probebench::stats {
namespace {

std::vector<double> one_to(int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

Window window(std::uint32_t calls, std::uint64_t ticks) {
  Window made;
  made.calls = calls;
  made.ticks = ticks;
  return made;
}

// Windows of 1000 and 2000 calls that cost `per_call` each and 7 by themselves.
WindowPair pair(std::uint64_t per_call) {
  return {window(1000, 1000 * per_call + 7), window(2000, 2000 * per_call + 7)};
}

Round round_of(std::uint64_t baseline, std::uint64_t armed) {
  return {.baseline_first = true, .baseline = pair(baseline), .armed = pair(armed), .verify = {}};
}

CellResult measured(std::vector<Round> rounds) {
  CellResult result;
  result.status = CellStatus::measured;
  result.rounds = std::move(rounds);
  return result;
}

void add_pmu(WindowPair& pair, std::uint64_t cycles, std::uint64_t instructions) {
  pair.n.cycles = 1000 * cycles + 50;
  pair.twice_n.cycles = 2000 * cycles + 50;
  pair.n.instructions = 1000 * instructions + 9;
  pair.twice_n.instructions = 2000 * instructions + 9;
}

TEST(Quantile, KnownAnswers) {
  EXPECT_EQ(quantile({4, 1, 3, 2}, 0.25), 1.75);  // numpy.quantile([1, 2, 3, 4], 0.25)
  EXPECT_EQ(quantile({5}, 0.9), 5);
  EXPECT_EQ(quantile({3, 1, 2}, 0), 1);
  EXPECT_EQ(quantile({3, 1, 2}, 1), 3);
}

TEST(Median, OddEvenAndNegative) {
  EXPECT_EQ(median({9, 1, 5}), 5);
  EXPECT_EQ(median({1, 2, 3, 10}), 2.5);
  EXPECT_EQ(median({-3, -1, -2}), -2);
}

TEST(MedianAbsoluteDeviation, OneOutlierDoesNotMoveIt) {
  EXPECT_EQ(median_absolute_deviation({1, 1, 2, 2, 4, 6, 9}), 1);
  EXPECT_EQ(median_absolute_deviation({10, 10, 10, 1e9}), 0);
}

// Ranks from the binomial tables: n = 9 gives 2..8 (96.1 %), n = 20 gives 6..15 (95.9 %).
TEST(MedianInterval, RanksOfTheBinomialTables) {
  EXPECT_EQ(median_interval(one_to(9)).low, 2);
  EXPECT_EQ(median_interval(one_to(9)).high, 8);
  EXPECT_EQ(median_interval(one_to(20)).low, 6);
  EXPECT_EQ(median_interval(one_to(20)).high, 15);
  EXPECT_EQ(median_interval(one_to(100)).low, 40);
  EXPECT_EQ(median_interval(one_to(100)).high, 61);
}

TEST(MedianInterval, FewValuesGiveTheirRange) {
  for (const int n : {1, 2, 3, 5, 6}) {
    EXPECT_EQ(median_interval(one_to(n)).low, 1) << n;
    EXPECT_EQ(median_interval(one_to(n)).high, n) << n;
  }
}

TEST(Slope, FixedCostsVanish) {
  const WindowPair known{window(1000, 172007), window(2000, 344007)};
  EXPECT_EQ(slope(known, Counter::ticks), 172.0);
  EXPECT_EQ(intercept(known, Counter::ticks), 7.0);
}

TEST(Slope, MayBeNegative) {
  EXPECT_EQ(slope({window(10, 100), window(20, 60)}, Counter::ticks), -4.0);
}

TEST(Slope, LargeReadingsLoseNothing) {
  constexpr std::uint64_t base = (1ULL << 62) + 1;
  EXPECT_EQ(slope({window(4, base), window(8, base + 6)}, Counter::ticks), 1.5);
}

TEST(Slope, AbsentWithoutTheCounterOrWithOtherCalls) {
  EXPECT_FALSE(slope(pair(10), Counter::cycles));
  EXPECT_FALSE(slope({window(0, 0), window(0, 0)}, Counter::ticks));
  EXPECT_FALSE(slope({window(1000, 1), window(1999, 2)}, Counter::ticks));
  EXPECT_FALSE(intercept({window(1000, 1), window(1000, 2)}, Counter::ticks));
}

TEST(Overhead, IsArmedMinusBaseline) {
  EXPECT_EQ(overhead(round_of(12, 117), Counter::ticks), 105.0);
}

TEST(HitTally, CountsTheVerifyWindowsWhereThereAreSome) {
  Round verified = round_of(1, 2);
  verified.verify = pair(3);
  verified.verify->n.hits = 1000;
  verified.verify->twice_n.hits = 1990;
  verified.verify->twice_n.hits_elsewhere = 3;
  verified.verify->twice_n.missed = 7;
  Round own = round_of(1, 2);
  own.armed.n.cpu = own.armed.twice_n.cpu = 2;
  own.armed.n.hits = 1000;
  own.armed.twice_n.hits = 2000;
  const auto tally = tally_hits({verified, own});
  EXPECT_EQ(tally.expected, 6000u);
  EXPECT_EQ(tally.counted, 5993u);
  EXPECT_EQ(tally.elsewhere, 3u);
  EXPECT_EQ(tally.missed, 7u);
  EXPECT_EQ(tally.per_cpu, (std::map<std::uint32_t, std::uint64_t>{{0, 2990}, {2, 3000}}));
}

TEST(SummariseInstructions, ThreeEqualRoundsAreExact) {
  const auto summary =
      summarise(measured(std::vector(3, round_of(12, 117))), ClockKind::instructions, 1000000);
  ASSERT_TRUE(summary.instructions_per_hit);
  const Metric& metric = *summary.instructions_per_hit;
  EXPECT_EQ(metric.value, 105);
  EXPECT_EQ(metric.low, 105);
  EXPECT_EQ(metric.high, 105);
  EXPECT_EQ(metric.spread, 0);
  EXPECT_EQ(metric.n, 3u);
  EXPECT_EQ(metric.metric_class, MetricClass::exact);
  EXPECT_EQ(metric.note, "");
  EXPECT_EQ(summary.baseline_per_call->value, 12);
  EXPECT_EQ(summary.baseline_fixed, 7.0);
}

TEST(SummariseInstructions, TimeIsAbsentWithTheReason) {
  const auto summary =
      summarise(measured(std::vector(3, round_of(12, 117))), ClockKind::instructions, 1000000);
  EXPECT_FALSE(summary.ns_per_hit || summary.cycles_per_hit || summary.ticks_per_hit ||
               summary.hits_per_second);
  EXPECT_EQ(summary.no_metric_reason, "instructions are counted, not time");
}

TEST(SummariseInstructions, UnequalRoundsAreDemotedAndNamed) {
  const auto summary = summarise(measured({round_of(12, 117), round_of(12, 119), round_of(12, 117)}),
                                 ClockKind::instructions, 0);
  EXPECT_EQ(summary.instructions_per_hit->metric_class, MetricClass::noisy);
  EXPECT_EQ(summary.instructions_per_hit->note, "rounds differ: 105, 107");
  EXPECT_EQ(summary.instructions_per_hit->high, 107);
  EXPECT_EQ(summary.baseline_per_call->metric_class, MetricClass::exact);
}

TEST(SummariseInstructions, TwoRoundsProveNothing) {
  const auto summary = summarise(measured(std::vector(2, round_of(12, 117))), ClockKind::instructions, 0);
  EXPECT_EQ(summary.instructions_per_hit->metric_class, MetricClass::noisy);
  EXPECT_EQ(summary.instructions_per_hit->note, "2 of the 3 equal rounds that an exact count needs");
}

TEST(SummariseInstructions, ACountDoesNotMindALongWindow) {
  auto rounds = std::vector(3, round_of(12, 117));
  rounds[1].armed.twice_n.overrun = true;
  const auto summary = summarise(measured(rounds), ClockKind::instructions, 0);
  EXPECT_EQ(summary.instructions_per_hit->n, 3u);
  EXPECT_EQ(summary.instructions_per_hit->metric_class, MetricClass::exact);
}

TEST(SummariseTime, ThroughputIsOfAllThreads) {
  auto round = round_of(10, 312);
  for (auto* window : {&round.armed.n, &round.armed.twice_n}) window->by_thread = {{0, {}}, {1, {}}};
  const auto summary = summarise(measured({round, round, round}), ClockKind::tsc, 2000000);
  EXPECT_DOUBLE_EQ(summary.hits_per_second->value, 2 * 2e9 / 312);
  EXPECT_EQ(summary.ns_per_hit->value, 151);
}

TEST(SummariseTime, TicksBecomeNanosecondsAndThroughput) {
  const auto summary =
      summarise(measured({round_of(10, 310), round_of(10, 312), round_of(10, 320)}), ClockKind::tsc, 2000000);
  EXPECT_EQ(summary.ticks_per_hit->value, 302);
  EXPECT_EQ(summary.ticks_per_hit->low, 300);
  EXPECT_EQ(summary.ticks_per_hit->high, 310);
  EXPECT_EQ(summary.ticks_per_hit->spread, 2);
  EXPECT_EQ(summary.ticks_per_hit->metric_class, MetricClass::noisy);
  EXPECT_EQ(summary.ns_per_hit->value, 151);
  EXPECT_DOUBLE_EQ(summary.hits_per_second->value, 2e9 / 312);
  EXPECT_FALSE(summary.cycles_per_hit);
  EXPECT_EQ(summary.no_metric_reason, "this target has no hardware performance counters");
}

TEST(SummariseTime, EqualRoundsAreStillNoisy) {
  const auto summary = summarise(measured(std::vector(5, round_of(10, 310))), ClockKind::tsc, 2000000);
  EXPECT_EQ(summary.ticks_per_hit->metric_class, MetricClass::noisy);
}

TEST(SummariseTime, PmuValuesOfEveryWindowGiveCycles) {
  auto rounds = std::vector(3, round_of(10, 310));
  for (auto& round : rounds) {
    add_pmu(round.baseline, 20, 8);
    add_pmu(round.armed, 520, 113);
  }
  const auto summary = summarise(measured(rounds), ClockKind::tsc, 2000000);
  EXPECT_EQ(summary.cycles_per_hit->value, 500);
  EXPECT_EQ(summary.instructions_per_hit->value, 105);
  EXPECT_EQ(summary.instructions_per_hit->metric_class, MetricClass::noisy);
  EXPECT_EQ(summary.no_metric_reason, "");
  rounds[2].baseline.n.cycles.reset();
  EXPECT_FALSE(summarise(measured(rounds), ClockKind::tsc, 2000000).cycles_per_hit);
}

TEST(SummariseTime, AFasterClockChangesTicksButNotCoreClocks) {
  std::vector rounds{round_of(10, 310), round_of(20, 620), round_of(10, 310)};
  for (auto& round : rounds) round.ticks_per_core_clock = 0.5;
  rounds[1].ticks_per_core_clock = 1;
  const auto summary = summarise(measured(rounds), ClockKind::tsc, 2000000);
  EXPECT_EQ(summary.core_clocks_per_hit->low, 600);
  EXPECT_EQ(summary.core_clocks_per_hit->high, 600);
  EXPECT_EQ(summary.ticks_per_hit->high, 600);
  EXPECT_EQ(summary.ticks_per_hit->low, 300);
  rounds[1].ticks_per_core_clock.reset();
  EXPECT_FALSE(summarise(measured(rounds), ClockKind::tsc, 2000000).core_clocks_per_hit);
}

TEST(SummariseTime, LongWindowsAreLeftOutAndCounted) {
  auto rounds = std::vector(4, round_of(10, 310));
  rounds[0] = round_of(10, 99999);
  rounds[0].armed.n.overrun = true;
  const auto summary = summarise(measured(rounds), ClockKind::tsc, 2000000);
  EXPECT_EQ(summary.ticks_per_hit->n, 3u);
  EXPECT_EQ(summary.ticks_per_hit->high, 300);
  EXPECT_EQ(summary.ticks_per_hit->note, "1 round left out: interrupts were off for longer than allowed");
}

TEST(SummariseTime, NothingButLongWindowsIsNoMetric) {
  auto rounds = std::vector(3, round_of(10, 310));
  for (auto& round : rounds) round.baseline.twice_n.overrun = true;
  const auto summary = summarise(measured(rounds), ClockKind::tsc, 2000000);
  EXPECT_FALSE(summary.ticks_per_hit || summary.ns_per_hit || summary.hits_per_second);
  EXPECT_EQ(summary.no_metric_reason,
            "every round was left out: interrupts off for too long, or switched away");
}

TEST(SummariseTime, AnUnknownFrequencyMakesNoNanoseconds) {
  const auto summary = summarise(measured(std::vector(3, round_of(10, 310))), ClockKind::tsc, 0);
  EXPECT_TRUE(summary.ticks_per_hit);
  EXPECT_FALSE(summary.ns_per_hit || summary.hits_per_second);
  EXPECT_NE(summary.no_metric_reason.find("frequency"), std::string::npos);
}

TEST(SummariseTime, AnArmedLoopThatTookNoTimeHasNoThroughput) {
  const auto summary = summarise(measured(std::vector(3, round_of(10, 0))), ClockKind::tsc, 2000000);
  EXPECT_FALSE(summary.hits_per_second);
  EXPECT_EQ(summary.ticks_per_hit->value, -10);
  EXPECT_NE(summary.no_metric_reason.find("took no time"), std::string::npos);
}

TEST(SummariseEmulatedTime, SaysWhatItIs) {
  const auto summary =
      summarise(measured(std::vector(3, round_of(10, 310))), ClockKind::emulated_time, 1000000);
  EXPECT_EQ(summary.ns_per_hit->value, 300);
  EXPECT_EQ(summary.ns_per_hit->metric_class, MetricClass::noisy);
  EXPECT_EQ(summary.ns_per_hit->note, "emulated time, for tests only");
  EXPECT_FALSE(summary.hits_per_second || summary.cycles_per_hit || summary.instructions_per_hit);
}

TEST(Summarise, ColdHitIsLessOneColdCall) {
  CellResult result = measured(std::vector(3, round_of(12, 117)));
  EXPECT_FALSE(summarise(result, ClockKind::instructions, 0).cold_hit);
  result.cold_hit = window(1, 400);
  result.cold_baseline = window(1, 19);
  EXPECT_EQ(summarise(result, ClockKind::instructions, 0).cold_hit, 381.0);
}

TEST(Summarise, OnlyAMeasuredCellHasMetrics) {
  CellResult result = measured(std::vector(3, round_of(12, 117)));
  result.status = CellStatus::invalid;
  const auto summary = summarise(result, ClockKind::instructions, 0);
  EXPECT_FALSE(summary.instructions_per_hit);
  EXPECT_EQ(summary.no_metric_reason, "the cell is invalid");
  EXPECT_EQ(summarise(measured({}), ClockKind::tsc, 1).no_metric_reason, "no round was measured");
}

}  // namespace

}  // namespace probebench::stats
