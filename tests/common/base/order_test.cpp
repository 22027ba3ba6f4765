// SPDX-License-Identifier: MIT
#include "base/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

namespace probebench {
namespace {

struct Large {
  int rank = 0;
  std::unique_ptr<int> place;  // that it had; can only be moved
};

TEST(SortLarge, IsAStableSort) {
  constexpr unsigned kSeed = 19;
  constexpr int kMost = 40;
  std::mt19937 random(kSeed);
  for (int size = 0; size < kMost; ++size) {
    std::vector<Large> values;
    std::vector<std::pair<int, int>> right;
    for (int i = 0; i < size; ++i) {
      const int rank = std::uniform_int_distribution<int>(0, size / 3)(random);
      values.push_back({rank, std::make_unique<int>(i)});
      right.emplace_back(rank, i);
    }
    sort_large(values, [](const Large& a, const Large& b) { return a.rank < b.rank; });
    std::ranges::sort(right);
    ASSERT_EQ(values.size(), right.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(std::pair(values[i].rank, *values[i].place), right[i]);
    }
  }
}

}  // namespace
}  // namespace probebench
