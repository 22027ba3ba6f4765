// SPDX-License-Identifier: MIT
#include "stats/slow_mode.h"

#include <gtest/gtest.h>

#include <vector>

namespace probebench::stats {
namespace {

constexpr double kFloor = 0.02;

// `slow` of `count` values cost 20 % more; the others lie between 99.5 and 100.5.
std::vector<double> visits(std::size_t count, std::size_t slow, double factor = 1) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double wobble = static_cast<double>(i * 7 % 11) / 10 - 0.5;
    values.push_back(factor * (i < slow ? 120 : 100) + wobble);
  }
  return values;
}

TEST(SlowMode, TwoOfFortyAgainstEightOfTwenty) {
  const auto mode = slow_mode(visits(40, 2), visits(20, 8), kFloor);
  EXPECT_EQ(mode.base, 0.05);
  EXPECT_EQ(mode.head, 0.4);
  EXPECT_NEAR(mode.p, 0.0013948022064207016, 1e-12) << "eight of the ten slow ones are among 20 of 60";
}

TEST(SlowMode, OfTheSameShareIsNoNews) {
  EXPECT_GT(slow_mode(visits(40, 4), visits(20, 2), kFloor).p, 0.5);
  EXPECT_EQ(slow_mode(visits(40, 0), visits(20, 0), kFloor).p, 1);
}

TEST(SlowMode, AShiftWithinTheFloorIsNone) {
  EXPECT_EQ(slow_mode(visits(40, 0), visits(20, 0, 1.019), kFloor).head, 0);
}

TEST(SlowMode, OfABroadSpreadIsNotTheUpperHalf) {
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) values.push_back(100 + i);
  EXPECT_EQ(slow_mode(values, values, kFloor).base, 0);
}

TEST(SlowMode, WithoutValuesThereIsNone) {
  EXPECT_EQ(slow_mode({}, visits(20, 8), kFloor).p, 1);
  EXPECT_EQ(slow_mode(visits(20, 8), {}, kFloor).p, 1);
}

}  // namespace
}  // namespace probebench::stats
