// SPDX-License-Identifier: MIT
// Each validity rule, kept and broken.
#include "verify/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stats/summarise.h"
#include "valid_cell.h"

namespace probebench::verify {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr auto kExact = ClockKind::instructions;
constexpr auto kNoisy = ClockKind::tsc;

TEST(Judge, AcceptsAValidCell) {
  EXPECT_EQ(judge(valid_cell(), kExact), std::nullopt);
  EXPECT_EQ(judge(valid_cell(), kNoisy), std::nullopt);
}

TEST(Judge, RefusesAnotherMechanismThanAskedFor) {
  auto cell = valid_cell();
  cell.evidence.armed[0] = 0xcc;
  cell.evidence.optimized_flag = false;
  EXPECT_THAT(judge_mechanism(cell), Optional(HasSubstr("the site is stepped, not optimized")));
}

TEST(Judge, RefusesARowAmongAllFunctionsWithoutThem) {
  auto cell = valid_cell();
  cell.cell.probe_type = ProbeType::fprobe_entry_all;
  cell.cell.site = SiteId::entry;
  cell.evidence.armed[0] = 0xe8;
  cell.evidence.state = ProbeState::ftrace;
  for (auto& round : cell.rounds) {
    for (auto* window : {&round.armed.n, &round.armed.twice_n}) {
      window->site_before[0] = window->site_after[0] = 0xe8;
    }
  }
  EXPECT_THAT(judge_mechanism(cell), Optional(HasSubstr("0 other functions had a probe")));
  cell.evidence.crowd = Crowd{39663, 1'224'000'000};
  EXPECT_EQ(judge_mechanism(cell), std::nullopt);
}

TEST(Judge, RefusesACrowdWhereNoneBelongs) {
  auto cell = valid_cell();
  cell.evidence.crowd = Crowd{39663, 1'224'000'000};
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("39663 other functions had a probe")));
}

TEST(Judge, RefusesAnUnarmedSite) {
  auto cell = valid_cell();
  cell.evidence.armed = cell.evidence.before;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("unarmed")));
}

TEST(Judge, RefusesASiteThatChangedBeforeAWindow) {
  auto cell = valid_cell();
  cell.rounds[1].armed.twice_n.site_before[0] = 0xcc;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("the site held cc")));
}

TEST(Judge, RefusesASiteThatChangedDuringAWindow) {
  auto cell = valid_cell();
  cell.rounds[2].armed.n.site_after[0] = 0xb9;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("the site held b9")));
}

TEST(Judge, RefusesASiteThatChangedDuringAVerifyWindow) {
  auto cell = valid_cell();
  cell.cell.handler = Handler::nop;
  for (auto& round : cell.rounds) round.verify = round.armed;
  cell.rounds[0].verify->n.site_after[0] = 0xb9;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("the site held b9")));
}

// Attached anew for each window or each handler, a call may lead to another trampoline each time.
class AttachedAnew : public ::testing::TestWithParam<ProbeType> {};

TEST_P(AttachedAnew, AcceptsAnotherTargetOfTheSameInstruction) {
  auto cell = valid_cell();
  cell.cell = cells_of(GetParam(), Handler::count).front();
  cell.evidence.armed[0] = 0xe8;
  cell.evidence.state = ProbeState::ftrace;
  for (auto& round : cell.rounds) {
    for (auto* window : {&round.armed.n, &round.armed.twice_n}) {
      window->site_before[0] = window->site_after[0] = 0xe8;
      window->site_before[1] = window->site_after[1] = 0x42;
    }
  }
  EXPECT_EQ(judge_mechanism(cell), std::nullopt);
  cell.rounds[0].armed.n.site_before[0] = 0xcc;
  EXPECT_THAT(judge_mechanism(cell), Optional(HasSubstr("the site held cc")));
}

INSTANTIATE_TEST_SUITE_P(Judge, AttachedAnew,
                         ::testing::Values(ProbeType::fmod_ret, ProbeType::ftrace, ProbeType::ftrace_regs));

TEST(Judge, RefusesBytesThatWereNotRestored) {
  auto cell = valid_cell();
  cell.evidence.after[4] = 0x00;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("not restored")));
}

TEST(Judge, RefusesALostHit) {
  auto cell = valid_cell();
  cell.rounds[2].armed.twice_n.hits = 199;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("200 calls on CPU 0 made 199 hits")));
}

TEST(Judge, RefusesAHitTooMany) {
  auto cell = valid_cell();
  cell.rounds[0].armed.n.hits = 101;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("101 hits")));
}

TEST(Judge, RefusesAMissedHit) {
  auto cell = valid_cell();
  cell.rounds[0].armed.n.missed = 1;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("1 missed")));
}

TEST(Judge, RefusesHitsOnAnotherCpu) {
  auto cell = valid_cell();
  cell.rounds[0].armed.n.hits_elsewhere = 3;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("3 on other CPUs")));
}

// Two threads, each with hits of its own.
CellResult with_two_threads() {
  auto cell = valid_cell();
  for (auto& round : cell.rounds) {
    for (auto* window : {&round.armed.n, &round.armed.twice_n}) {
      window->by_thread = {{0, window->calls}, {1, window->calls}};
      window->hits = 2 * window->calls;
    }
  }
  return cell;
}

TEST(Judge, AcceptsThreadsThatAllHit) {
  EXPECT_EQ(judge_hits(with_two_threads()), std::nullopt);
}

TEST(Judge, RefusesThreadsThatHitUnequally) {
  auto cell = with_two_threads();
  cell.rounds[1].armed.n.by_thread[0].hits = 101;
  cell.rounds[1].armed.n.by_thread[1].hits = 99;
  EXPECT_THAT(judge_hits(cell), Optional(HasSubstr("of 2 threads, made 101 hits")));
}

TEST(Judge, RefusesAHitThatOneOfTheThreadsLost) {
  auto cell = with_two_threads();
  cell.rounds[1].armed.n.hits -= 1;
  EXPECT_THAT(judge_hits(cell), Optional(HasSubstr("made 199 hits (expected 200)")));
}

TEST(Judge, CountsTheHitsOfTheVerifyWindows) {
  auto cell = valid_cell();
  cell.cell.handler = Handler::nop;
  for (auto& round : cell.rounds) {
    round.verify = round.armed;
    round.armed.n.hits = 0;
    round.armed.twice_n.hits = 0;
  }
  EXPECT_EQ(judge(cell, kExact), std::nullopt);
  cell.rounds[1].verify->n.hits = 99;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("99 hits")));
}

TEST(Judge, RefusesABaselineThatWasHit) {
  auto cell = valid_cell();
  cell.rounds[0].baseline.n.hits = 1;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("baseline")));
}

TEST(Judge, RefusesATwinUnlikeItsSite) {
  auto cell = valid_cell();
  cell.rest_after->twice_n.ticks += 100;
  EXPECT_THAT(judge(cell, kExact),
              Optional(HasSubstr("the unprobed twin costs 10 per call, the site at rest 11")));
  EXPECT_EQ(judge(cell, kNoisy), std::nullopt) << "times are not compared for equality";
}

TEST(Judge, RefusesASiteNotMeasuredAtRest) {
  auto cell = valid_cell();
  cell.rest_before.reset();
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("at rest")));
}

TEST(Judge, RefusesTwiceTheCallsThatTakeMoreThanTwiceTheTime) {
  auto cell = valid_cell();
  // T(N) = 11507: one per cent is 115.
  cell.rounds[1].armed.twice_n.ticks += 115;
  EXPECT_EQ(judge(cell, kExact), std::nullopt);
  cell.rounds[1].armed.twice_n.ticks += 1;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("not linear")));
  EXPECT_EQ(judge(cell, kNoisy), std::nullopt) << "one disturbed round of three";
  for (auto& round : cell.rounds) round.armed.twice_n.ticks = 3 * round.armed.n.ticks;
  EXPECT_THAT(judge(cell, kNoisy), Optional(HasSubstr("not linear")));
}

TEST(Judge, OneRoundOfAUserLoopMayBeInterrupted) {
  auto cell = valid_cell();
  cell.rounds[0].armed.twice_n.ticks += 1000;
  EXPECT_THAT(judge_linearity(cell, kExact), Optional(HasSubstr("not linear")));
  cell.cell = cells_of(ProbeType::uprobe, Handler::count).front();
  EXPECT_EQ(judge_linearity(cell, kExact), std::nullopt);
  for (auto& round : cell.rounds) round.armed.twice_n.ticks += 1000;
  EXPECT_THAT(judge_linearity(cell, kExact), Optional(HasSubstr("not linear")));
}

TEST(Judge, RefusesAWindowThatCostNothing) {
  auto cell = valid_cell();
  cell.rounds[0].armed.n.ticks = 0;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("not linear")));
}

TEST(Judge, RefusesAnExactWindowThatWasTooLong) {
  auto cell = valid_cell();
  cell.rounds[0].armed.twice_n.overrun = true;
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("interrupts off")));
  EXPECT_EQ(judge(cell, kNoisy), std::nullopt) << "noisy rounds are marked and left out";
}

TEST(Judge, RefusesACellWithoutRounds) {
  auto cell = valid_cell();
  cell.rounds.clear();
  EXPECT_THAT(judge(cell, kExact), Optional(HasSubstr("no round")));
}

// Rule 5 is kept by the statistics: unequal repeats are no reason to call a cell invalid, but a count that
// varies is not exact.
TEST(Judge, UnequalRepeatsAreValidButNotExact) {
  auto cell = valid_cell();
  const auto metric_class = [](const CellResult& result) {
    return stats::summarise(result, kExact, 1'000'000).instructions_per_hit.value().metric_class;
  };
  EXPECT_EQ(metric_class(cell), MetricClass::exact);
  cell.rounds[1].armed.twice_n.ticks += 1;
  EXPECT_EQ(judge(cell, kExact), std::nullopt);
  EXPECT_EQ(metric_class(cell), MetricClass::noisy);
}

}  // namespace

}  // namespace probebench::verify
