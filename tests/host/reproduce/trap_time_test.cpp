// SPDX-License-Identifier: MIT
// From what traps and signals took to what a trap takes.
#include "reproduce/trap_time.h"

#include <gtest/gtest.h>

#include "verify/judge.h"

namespace probebench::reproduce {
namespace {

TrapCost trap_of(TrapKind kind, std::vector<double> rounds) {
  return {.kind = kind, .per_trap = std::move(rounds), .hits = {65, 65, 0}, .status = CellStatus::measured};
}

std::vector<TrapCost> three_kinds() {
  return {trap_of(TrapKind::int3, {3000, 3300, 3100}), trap_of(TrapKind::trap_flag, {9000, 9000, 9000}),
          trap_of(TrapKind::signal, {2000, 2200, 2000})};
}

TargetInfo clocked(ClockKind clock, std::uint64_t khz) {
  TargetInfo target;
  target.clock = clock;
  target.environment.tsc_khz = khz;
  return target;
}

TEST(TrapTimes, TakeTheSignalAwayRoundByRound) {
  const auto times = trap_times(three_kinds());
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[0].whole, (Span{3100, 3000, 3300}));
  EXPECT_EQ(times[0].less_signal, (Span{1100, 1000, 1100})) << "3000 - 2000, 3300 - 2200, 3100 - 2000";
  EXPECT_EQ(times[1].less_signal, (Span{7000, 6800, 7000}));
  EXPECT_FALSE(times[2].less_signal) << "it is the signal";
}

TEST(TrapTimes, KnowNoTrapWithoutTheSignal) {
  auto told = three_kinds();
  told[2].status = CellStatus::invalid;
  const auto times = trap_times(told);
  EXPECT_EQ(times[0].whole.value, 3100);
  EXPECT_FALSE(times[0].less_signal);
}

TEST(TrapTimes, AreNanosecondsWhereTheClockIsTime) {
  const auto times = trap_times(three_kinds());
  const auto ns = int3_ns(times, clocked(ClockKind::tsc, 2'000'000));
  EXPECT_EQ(ns, (Span{550, 500, 550}));
  EXPECT_FALSE(int3_ns(times, clocked(ClockKind::instructions, 1'000'000)));
  EXPECT_FALSE(int3_ns(times, clocked(ClockKind::tsc, 0)));
  EXPECT_FALSE(int3_ns({}, clocked(ClockKind::tsc, 2'000'000)));
}

TEST(TrapTimes, AreOfTrapsThatWereAllHandedOver) {
  auto trap = trap_of(TrapKind::int3, {1});
  EXPECT_FALSE(verify::judge(trap));
  trap.hits = {65, 64, 1};
  EXPECT_EQ(verify::judge(trap), "64 traps of 65 were handed over as int3, 1 as something else");
}

}  // namespace
}  // namespace probebench::reproduce
