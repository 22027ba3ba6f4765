// SPDX-License-Identifier: MIT
#include "run/rounds.h"

#include <gtest/gtest.h>

namespace probebench::run {
namespace {

TEST(ChooseCalls, KeepsTwiceTheCallsWithinTheLimit) {
  constexpr std::uint64_t kGigahertz = 1'000'000;
  constexpr std::uint32_t kLimit = 500'000;
  EXPECT_EQ(choose_calls(1, kGigahertz, kLimit), 1000u);
  EXPECT_EQ(choose_calls(200, kGigahertz, kLimit), 1000u);
  EXPECT_EQ(choose_calls(201, kGigahertz, kLimit), 500u);
  EXPECT_EQ(choose_calls(800, kGigahertz, kLimit), 200u);
  EXPECT_EQ(choose_calls(1'000'000, kGigahertz, kLimit), 1u);
  EXPECT_EQ(choose_calls(800, 3 * kGigahertz, kLimit), 500u) << "a faster clock ticks more often";
}

}  // namespace
}  // namespace probebench::run
