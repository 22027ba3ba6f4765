// SPDX-License-Identifier: MIT
// What the kernel counted, given to the threads that made the calls.
#include "attach/hit_counts.h"

#include <gtest/gtest.h>

namespace probebench::attach {
namespace {

Window on_cpu(std::uint32_t cpu) {
  Window window;
  window.cpu = cpu;
  return window;
}

Window on_cpus(std::vector<ThreadHits> threads) {
  Window window = on_cpu(threads.front().cpu);
  window.by_thread = std::move(threads);
  return window;
}

TEST(HitCounts, GrowthIsByCpu) {
  const auto grown = growth({{5, 7}, 1}, {{15, 7}, 3});
  EXPECT_EQ(grown.runs, (std::vector<std::uint64_t>{10, 0}));
  EXPECT_EQ(grown.missed, 2u);
}

TEST(HitCounts, OneThreadAndOtherCpus) {
  auto window = on_cpu(1);
  EXPECT_EQ(assign_hits(window, {{3, 104, 0}, 0}, {.per_hit = 1, .warmup_calls = 4}), 104u);
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.hits_elsewhere, 3u);
  EXPECT_EQ(window.missed, 0u);
}

TEST(HitCounts, OneSumForAllCpus) {
  auto window = on_cpu(1);
  assign_hits(window, {{100}, 2}, {});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.hits_elsewhere, 0u);
  EXPECT_EQ(window.missed, 2u);
}

TEST(HitCounts, SeveralThreadsEachWithItsOwn) {
  auto window = on_cpus({{2, {}}, {0, {}}});
  assign_hits(window, {{53, 9, 54}, 0}, {.per_hit = 1, .warmup_calls = 4});
  EXPECT_EQ(window.hits, 99u);
  EXPECT_EQ(window.by_thread[0].hits, 50u);
  EXPECT_EQ(window.by_thread[1].hits, 49u);
  EXPECT_EQ(window.hits_elsewhere, 9u);
}

// The module's own counts must not stand for those of a program that is counted in one sum.
TEST(HitCounts, SeveralThreadsWithOneSum) {
  auto window = on_cpus({{0, 0}, {1, 0}});
  assign_hits(window, {{108}, 0}, {.per_hit = 1, .warmup_calls = 4});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_FALSE(window.by_thread[0].hits);
}

TEST(HitCounts, HalfASessionIsAMiss) {
  auto window = on_cpu(0);
  assign_hits(window, {{201}, 0}, {.per_hit = 2, .warmup_calls = 0});
  EXPECT_EQ(window.hits, 100u);
  EXPECT_EQ(window.missed, 1u);
}

}  // namespace
}  // namespace probebench::attach
