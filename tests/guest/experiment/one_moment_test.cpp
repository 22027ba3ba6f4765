// SPDX-License-Identifier: MIT
#include "experiment/one_moment.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <vector>

namespace probebench::experiment {
namespace {

// A program that ran so often; reading the runs hits it when `faults` says so.
struct Counted {
  std::uint64_t runs = 0;
  std::uint64_t hits = 0;
  std::vector<int> faults = {};
  std::size_t reads = 0;

  void hit(int times) {
    runs += static_cast<std::uint64_t>(times);
    hits += static_cast<std::uint64_t>(times);
  }
  Result<HitCount> read() {
    return counts_of_one_moment(
        [&]() -> Result<std::uint64_t> {
          const auto told = runs;
          if (reads < faults.size()) hit(faults[reads]);
          ++reads;
          return told;
        },
        [&]() -> Result<std::uint64_t> { return hits; });
  }
};

TEST(CountsOfOneMoment, AreReadOnceWhereNothingRuns) {
  Counted counted{.runs = 7, .hits = 5};
  const auto both = counted.read();
  ASSERT_TRUE(both);
  EXPECT_EQ(both->expected, 7U);
  EXPECT_EQ(both->counted, 5U);
  EXPECT_EQ(counted.reads, 1U);
}

// As it was before: two page faults of the reader fell between its two counts, in the first of two readings.
TEST(CountsOfOneMoment, LeaveOutWhatTheReaderHits) {
  Counted counted{.faults = {2}};
  const auto before = counted.read();
  counted.hit(452);
  const auto after = counted.read();
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->expected - before->expected, 452U);
  EXPECT_EQ(after->counted - before->counted, 452U);
  EXPECT_EQ(counted.reads, 3U);
}

TEST(CountsOfOneMoment, AreUndecidedWhereEachReadingHits) {
  Counted counted{.faults = std::vector<int>(1000, 1)};
  const auto both = counted.read();
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().fault, Fault::unsupported);  // the row is skipped, and the run does not fail
  EXPECT_EQ(both.error().what.find("undecided"), 0U);
}

TEST(CountsOfOneMoment, AreAnErrorWhereOneCannotBeRead) {
  const auto fine = []() -> Result<std::uint64_t> { return std::uint64_t{1}; };
  const auto fails = []() -> Result<std::uint64_t> { return Error{Fault::cell, "read", EPERM, {}}; };
  EXPECT_EQ(counts_of_one_moment(fails, fine).error().err, EPERM);
  EXPECT_EQ(counts_of_one_moment(fine, fails).error().err, EPERM);
}

}  // namespace
}  // namespace probebench::experiment
