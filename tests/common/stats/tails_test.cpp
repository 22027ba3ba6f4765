// SPDX-License-Identifier: MIT
// Known answers; scipy_test.py has more of them.
#include "stats/tails.h"

#include <gtest/gtest.h>

#include <cmath>

namespace probebench::stats {
namespace {

TEST(Coin, KnownTails) {
  EXPECT_NEAR(coin_exactly(10, 5), 252.0 / 1024, 1e-12);
  EXPECT_NEAR(coin_at_least(10, 8), 56.0 / 1024, 1e-12);
  EXPECT_NEAR(coin_at_least(10, 0), 1, 1e-12);
  EXPECT_EQ(coin_at_least(10, 11), 0);
  EXPECT_NEAR(coin_at_least(2000, 1000), 0.5 + coin_exactly(2000, 1000) / 2, 1e-9) << "large n stays finite";
}

TEST(Drawn, KnownTails) {
  EXPECT_NEAR(drawn_at_least(60, 20, 10, 8), 0.0013948022064207016, 1e-12);
  EXPECT_NEAR(drawn_at_least(10, 8, 5, 0), 1, 1e-12) << "at least three of the marked ones are drawn";
  EXPECT_NEAR(drawn_at_least(10, 8, 5, 3), 1, 1e-12);
  EXPECT_EQ(drawn_at_least(10, 3, 5, 4), 0);
  EXPECT_NEAR(drawn_at_least(10, 3, 0, 0), 1, 1e-12);
}

TEST(Student, KnownQuantiles) {
  EXPECT_NEAR(student_quantile(1, 0.01), 31.820515953757607, 1e-6);
  EXPECT_NEAR(student_quantile(2, 0.01), 0.98 * std::sqrt(2 / (1 - 0.98 * 0.98)), 1e-9) << "in closed form";
  EXPECT_NEAR(student_quantile(3, 0.01), 4.540702858698421, 1e-9);
  EXPECT_NEAR(student_quantile(10, 0.0009), 4.209972430830622, 1e-9);
}

}  // namespace
}  // namespace probebench::stats
