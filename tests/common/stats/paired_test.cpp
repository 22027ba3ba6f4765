// SPDX-License-Identifier: MIT
// Known answers; scipy_test.py checks the same functions against SciPy on many more inputs.
#include "stats/paired.h"

#include <gtest/gtest.h>

#include <cmath>

namespace probebench::stats {
namespace {

TEST(LogRatios, AreOfPairsAndLeaveOutWhatHasNoLogarithm) {
  const std::vector<double> base{100, 200, 0, 100, std::nan("")};
  const std::vector<double> head{110, 100, 5, -1, 1};
  const auto ratios = log_ratios(base, head);
  ASSERT_EQ(ratios.size(), 2u);
  EXPECT_DOUBLE_EQ(ratios[0], std::log(1.1));
  EXPECT_DOUBLE_EQ(ratios[1], std::log(0.5));
}

TEST(MedianError, OfEqualValuesIsNone) {
  EXPECT_EQ(median_error(std::vector<double>(9, 0.25), 500, 1), 0);
}

TEST(MedianError, IsTheSameForTheSameSeed) {
  const std::vector<double> values{3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8};
  EXPECT_EQ(median_error(values, 1000, 42), median_error(values, 1000, 42));
  EXPECT_NE(median_error(values, 1000, 42), median_error(values, 1000, 43));
}

TEST(LeastPairs, AreThoseWhoseSmallestPSurvivesTheCorrection) {
  EXPECT_EQ(least_pairs(1, 0.01), 7u) << "1/128";
  EXPECT_EQ(least_pairs(6, 0.01), 10u) << "6/512 is 1.2 %";
  EXPECT_EQ(least_pairs(5, 0.01), 9u) << "5/512 is 0.98 %";
  EXPECT_EQ(least_pairs(0, 0.01), 0u);
}

TEST(SignTest, KnownTailsOfTheBinomial) {
  const std::vector<double> ten{1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_NEAR(sign_test_above(ten, 0), 1.0 / 1024, 1e-12);
  EXPECT_NEAR(sign_test_above(ten, 1), 1, 1e-12) << "equal is not above";
  const std::vector<double> eight_of_ten{1, 1, 1, 1, 1, 1, 1, 1, -1, -1};
  EXPECT_NEAR(sign_test_above(eight_of_ten, 0), 56.0 / 1024, 1e-12);
}

TEST(Holm, StepsDownAndNeverFalls) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
  const auto adjusted = holm(p);
  EXPECT_DOUBLE_EQ(adjusted[3], 0.02);
  EXPECT_DOUBLE_EQ(adjusted[0], 0.03);
  EXPECT_DOUBLE_EQ(adjusted[2], 0.06);
  EXPECT_DOUBLE_EQ(adjusted[1], 0.06);
  EXPECT_TRUE(holm({}).empty());
  EXPECT_EQ(holm(std::vector<double>{0.9, 0.9})[0], 1);
}

}  // namespace
}  // namespace probebench::stats
