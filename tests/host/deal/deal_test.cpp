// SPDX-License-Identifier: MIT
#include "deal/deal.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace probebench::deal {
namespace {

using testing::ElementsAre;

std::vector<std::size_t> all_of(const Shares& shares) {
  std::vector<std::size_t> cells;
  for (const auto& share : shares) cells.insert(cells.end(), share.begin(), share.end());
  std::ranges::sort(cells);
  return cells;
}

TEST(Deal, TheLongestFirstEachToWhoHasLeast) {
  const std::vector<double> expected{1, 5, 2, 4, 3};
  // 5 | 4, 3 -> the second has 7, so 2 goes to the first, and 1 to either: the first of the equal ones.
  EXPECT_THAT(longest_first(expected, 2), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3, 4)));
  EXPECT_THAT(longest_first(expected, 1), ElementsAre(ElementsAre(0, 1, 2, 3, 4)));
}

TEST(Deal, EqualCostsKeepTheirOrderAndNoShareIsEmpty) {
  const std::vector<double> expected(5, 0.3);
  EXPECT_THAT(longest_first(expected, 2), ElementsAre(ElementsAre(0, 2, 4), ElementsAre(1, 3)));
  EXPECT_EQ(longest_first(expected, 9).size(), 5u);
  EXPECT_TRUE(longest_first({}, 2).empty());
}

TEST(Deal, NoShareIsLongerThanAThirdBeyondTheMean) {
  std::vector<double> expected(217);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<double>(i * 37 % 100) / 100;
  const double all = std::accumulate(expected.begin(), expected.end(), 0.0);
  for (const std::size_t guests : {2, 3, 8}) {
    const auto shares = longest_first(expected, guests);
    ASSERT_EQ(shares.size(), guests);
    EXPECT_EQ(all_of(shares).size(), expected.size());
    for (const auto& share : shares) {
      double sum = 0;
      for (const auto cell : share) sum += expected[cell];
      EXPECT_LE(sum, all / static_cast<double>(guests) * 4 / 3);
    }
  }
}

TEST(Deal, AtRandomEachCellOnceAndASeedAlwaysTheSame) {
  std::vector<std::size_t> cells(100);
  std::iota(cells.begin(), cells.end(), std::size_t{0});
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto shares = at_random(cells.size(), 3, seed);
    EXPECT_EQ(all_of(shares), cells) << seed;
    EXPECT_EQ(shares, at_random(cells.size(), 3, seed)) << seed;
    EXPECT_NE(shares, at_random(cells.size(), 3, seed + 1)) << seed;
    EXPECT_FALSE(std::ranges::is_sorted(shares.front())) << seed;
  }
}

TEST(Deal, AGuestHasToBeWorthItsStart) {
  EXPECT_EQ(guests_worth(std::vector<double>{0.3}, 8), 1u);
  EXPECT_EQ(guests_worth(std::vector<double>(4, 0.3), 8), 1u);
  EXPECT_EQ(guests_worth(std::vector<double>(8, 0.3), 8), 2u);
  EXPECT_EQ(guests_worth(std::vector<double>(200, 0.3), 8), 8u);
  EXPECT_EQ(guests_worth(std::vector<double>(200, 0.3), 1), 1u);
  EXPECT_EQ(guests_worth(std::vector<double>{10}, 8), 1u) << "one cell is one guest's";
  EXPECT_EQ(guests_worth({}, 8), 1u);
}

TEST(Deal, OnlyTargetsThatWouldLeavePlacesIdleHaveMore) {
  const auto places = [](std::size_t targets, std::size_t jobs) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < targets; ++i) all.push_back(places_of(i, targets, jobs));
    return all;
  };
  EXPECT_THAT(places(1, 2), ElementsAre(2));
  EXPECT_THAT(places(2, 2), ElementsAre(1, 1));
  EXPECT_THAT(places(3, 2), ElementsAre(1, 1, 2));
  EXPECT_THAT(places(3, 8), ElementsAre(2, 2, 2));
  EXPECT_THAT(places(2, 1), ElementsAre(1, 1));
}

}  // namespace
}  // namespace probebench::deal
