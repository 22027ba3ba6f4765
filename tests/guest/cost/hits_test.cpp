// SPDX-License-Identifier: MIT
#include "cost/hits.h"

#include <gtest/gtest.h>

namespace probebench::cost {
namespace {

// Hits `per_op` times for each operation and `own` times for each look at it.
class FakeCounter : public HitCounter {
 public:
  FakeCounter(std::uint64_t per_op, std::uint64_t own) : per_op_(per_op), own_(own) {}
  Result<std::vector<ProbeHits>> read() override {
    counted_ += own_;
    return std::vector{ProbeHits{"probe", "fake", {0, counted_, 0}}, ProbeHits{"silent", "fake", {}}};
  }
  Status run(std::uint32_t operations) {
    counted_ += per_op_ * operations;
    return Done{};
  }

 private:
  std::uint64_t per_op_;
  std::uint64_t own_;
  std::uint64_t counted_ = 0;
};

CountedHits counted(FakeCounter counter) {
  const auto hits = count_hits(
      counter, 100, [&](std::uint32_t operations) { return counter.run(operations); },
      [] { return std::uint64_t{0}; });
  return hits ? *hits : CountedHits{};
}

TEST(CountHits, LeavesTheReadersOwnOut) {
  const auto hits = counted({1, 3}).hits;
  ASSERT_EQ(hits.size(), 1u) << "what was not hit is left out";
  EXPECT_EQ(hits.front().hits, (HitCount{100, 100, 0}));
  EXPECT_EQ(judge_hits(hits), "");
}

TEST(JudgeHits, WantsOneOfEachOperation) {
  EXPECT_EQ(judge_hits(counted({2, 0}).hits), "probe: 200 hits of 100 operations");
  EXPECT_NE(judge_hits(counted({0, 0}).hits).find("no operation"), std::string::npos);
  EXPECT_EQ(judge_hits({{"probe", "fake", {100, 99, 1}}}), "probe: 99 hits of 100 operations, 1 missed");
}

TEST(Helpers, AreWhatAHandlerCallsSeveralTimes) {
  std::vector<ProbeHits> hits{{"handler", "", {100, 100, 0}, 0}, {"helper", "", {100, 200, 0}, 0}};
  leave_out_helpers(hits);
  ASSERT_EQ(hits.size(), 1u);
  EXPECT_EQ(hits[0].probe, "handler");
  for (const auto& other : {HitCount{100, 150, 0}, HitCount{100, 200, 1}, HitCount{100, 50, 0}}) {
    hits = {{"handler", "", {100, 100, 0}, 0}, {"another", "", other, 0}};
    leave_out_helpers(hits);
    EXPECT_EQ(hits.size(), 2u) << other.counted;
  }
  hits = {{"handler", "", {100, 200, 0}, 0}};
  leave_out_helpers(hits);
  EXPECT_EQ(hits.size(), 1u) << "hit twice by each operation, which nothing excuses";
}

TEST(JudgeRecords, FindsLosses) {
  EXPECT_EQ(judge_records(0, 0, 100), "") << "nothing is recorded";
  EXPECT_EQ(judge_records(104, 204, 100), "") << "some warm up";
  EXPECT_EQ(judge_records(208, 408, 100), "") << "two of each hit";
  EXPECT_EQ(judge_records(2, 2, 100), "") << "the reader's own";
  EXPECT_NE(judge_records(56, 56, 451), "") << "the buffer is full in both windows";
  EXPECT_NE(judge_records(104, 150, 100), "") << "the buffer is full in the longer one";
}

TEST(JudgeBase, WantsTheOperationBack) {
  EXPECT_EQ(judge_base({1264, 1264, 1264}, {1264, 1263.5, 1264}), "");
  EXPECT_EQ(judge_base({7021, 7023, 7021}, {7023, 7023, 7021}), "") << "7 of 7021 may be";
  EXPECT_NE(judge_base({1264, 1264, 1264}, {1625, 1625, 1625}), "");
}

TEST(JudgeListing, RefusesAPlaceThatIsArmedTwice) {
  const ListedProbe kprobe{"kprobes/list", "ffffffff81234560 k vfs_read+0x0 [FTRACE]"};
  const ListedProbe at_return{"kprobes/list", "ffffffff81234560 r vfs_read+0x0 [FTRACE]"};
  EXPECT_EQ(judge_listing({kprobe, at_return}), "");
  EXPECT_NE(judge_listing({kprobe, kprobe}), "");
  const ListedProbe first{"BPF links", "link 3 of prog 12 tracing at 24/1/5678"};
  const ListedProbe second{"BPF links", "link 4 of prog 13 tracing at 24/1/5678"};
  const ListedProbe nowhere{"BPF links", "link 5 of prog 14 perf_event"};
  EXPECT_NE(judge_listing({first, second}), "");
  EXPECT_EQ(judge_listing({first, nowhere, nowhere}), "");
}

TEST(JudgeRounds, WantsMoreThanTheRoundsDiffer) {
  ProbeCost cost;
  cost.base_per_op = {1000, 1010, 1020};
  cost.armed_per_op = {1100, 1110, 1120};
  EXPECT_EQ(judge_rounds(cost), "");
  cost.armed_per_op = {1030, 1040, 1050};
  cost.workload = WorkloadId::command;
  EXPECT_EQ(judge_rounds(cost),
            "a run takes 30 more, and rounds differ by 40: mark its operations, or hit the probe more often "
            "in a run");
  cost.workload = WorkloadId::fork_exec_wait;
  EXPECT_EQ(judge_rounds(cost),
            "an operation takes 30 more, and rounds differ by 40: take a shorter one, or a probe that it "
            "hits more often");
}

TEST(Expectations, OfARunAreWhatItHits) {
  std::vector<ProbeHits> hits{{"kprobe one", "run_cnt", {1, 200, 3}}};
  expect_what_was_counted(hits);
  EXPECT_EQ(hits.front().hits.expected, 203u);
  EXPECT_NE(judge_hits(hits), "") << "what was missed is no hit";
}

}  // namespace
}  // namespace probebench::cost
