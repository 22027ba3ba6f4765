// SPDX-License-Identifier: MIT
// Known answers; tests/scipy_test.py checks the same functions against SciPy on many more inputs.
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

TEST(BootstrapMedian, OfEqualValuesIsThatValue) {
  const std::vector<double> values(9, 0.25);
  const auto result = bootstrap_median(values, 0.01, 500, 1);
  EXPECT_EQ(result.interval.low, 0.25);
  EXPECT_EQ(result.interval.high, 0.25);
  EXPECT_EQ(result.standard_error, 0);
}

TEST(BootstrapMedian, IsTheSameForTheSameSeed) {
  const std::vector<double> values{3, 1, 4, 1.5, 9, 2.6, 5, 3.5, 8};
  const auto one = bootstrap_median(values, 0.05, 1000, 42);
  const auto other = bootstrap_median(values, 0.05, 1000, 42);
  EXPECT_EQ(one.interval.low, other.interval.low);
  EXPECT_EQ(one.standard_error, other.standard_error);
}

// P(resampled median <= x_(k)) = P(Binomial(9, k/9) >= 5): 0.0236 for k = 2, 0.1449 for k = 3. So 5 % lies at
// the third of nine values.
TEST(BootstrapMedian, OfNineValuesMissesFivePercentAtTheThird) {
  const std::vector<double> values{1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto result = bootstrap_median(values, 0.05, 4000, 1);
  EXPECT_EQ(result.interval.low, 3);
  EXPECT_EQ(result.interval.high, 7);
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
