// SPDX-License-Identifier: MIT
// Guests that share a target's cells are one target to whoever reads results.json.
#include "session/run_book.h"

#include <gmock/gmock.h>

#include "sample_run.h"

namespace probebench::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class GuestsOfATarget : public testing::Test {
 protected:
  void SetUp() override {
    const auto sample = results::sample_run();
    cells_ = sample.cells;
    target_ = {.info = sample.targets[0].info, .fingerprint = sample.targets[0].fingerprint};
    for (const auto& cell : cells_) planned_.push_back(cell.result.cell.name());
  }

  TargetPage page(std::vector<std::size_t> measured) const {
    TargetPage page{.target = target_, .cells = {}, .complete = true};
    for (const auto cell : measured) page.cells.push_back(cells_[cell]);
    return page;
  }

  static std::vector<std::string> names(const TargetPage& page) {
    std::vector<std::string> all;
    for (const auto& cell : page.cells) all.push_back(cell.result.cell.name());
    return all;
  }

  std::vector<CellRecord> cells_;
  std::vector<std::string> planned_;
  TargetRecord target_;
};

TEST_F(GuestsOfATarget, AreOneInThePlansOrder) {
  const auto whole = merged({page({3, 1}), page({2, 0})}, planned_);
  EXPECT_EQ(names(whole), planned_);
  EXPECT_EQ(whole.cells, cells_);
  EXPECT_EQ(whole.target, target_);
  EXPECT_TRUE(whole.complete);
}

TEST_F(GuestsOfATarget, WhatNoneHasMeasuredIsNotRun) {
  auto second = page({2});
  second.complete = false;
  second.target->in_flight = planned_[0];
  second.target->ended = "the guest's kernel panicked";
  auto first = page({});
  first.complete = false;
  first.target->in_flight = planned_[1];
  const auto whole = merged({first, second}, planned_);
  EXPECT_THAT(names(whole), ElementsAre(planned_[2]));
  EXPECT_EQ(whole.target->in_flight, planned_[0]) << "the first of those that were";
  EXPECT_THAT(whole.target->not_run, ElementsAre(planned_[1], planned_[3]));
  EXPECT_EQ(whole.target->ended, "the guest's kernel panicked");
  EXPECT_FALSE(whole.complete);
}

TEST_F(GuestsOfATarget, AGuestThatHasYetToComeUpLeavesItsCellsOpen) {
  const auto whole = merged({page({0, 1}), TargetPage{}}, planned_);
  EXPECT_THAT(whole.target->not_run, ElementsAre(planned_[2], planned_[3]));
  EXPECT_FALSE(whole.complete);
  EXPECT_FALSE(merged({TargetPage{}, TargetPage{}}, planned_).target);
}

TEST_F(GuestsOfATarget, OneThatNeverCameUpIsNoOtherTarget) {
  TargetPage lost{.target = TargetRecord{.info = {}, .ended = "the guest hung", .not_run = {planned_[3]}},
                  .cells = {}};
  const auto whole = merged({lost, page({0, 1, 2})}, planned_);
  EXPECT_EQ(whole.target->info, target_.info);
  EXPECT_EQ(whole.target->fingerprint, target_.fingerprint);
  EXPECT_EQ(whole.target->ended, "the guest hung");
  EXPECT_THAT(whole.target->not_run, ElementsAre(planned_[3]));
}

TEST_F(GuestsOfATarget, OfWhichOneIsAnotherAreNoTarget) {
  auto other = page({2, 3});
  other.target->fingerprint = "0123";
  const auto whole = merged({page({0, 1}), other}, planned_);
  EXPECT_FALSE(whole.complete);
  EXPECT_THAT(whole.target->ended, testing::StartsWith("guests of one target differ"));
}

TEST_F(GuestsOfATarget, TellTheirExperimentsInTheirOrder) {
  auto first = page({0, 1, 2, 3});
  first.experiments = {.surface = {{.ops = 1}}, .traps = {{.kind = TrapKind::signal}}};
  auto second = page({0});
  second.experiments.surface = {{.ops = 2}, {.ops = 3}};
  second.target->in_flight = "surface: int3, 1 probe (one)";
  const auto whole = merged({first, second}, planned_);
  ASSERT_EQ(whole.experiments.surface.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(whole.experiments.surface[i].ops, i + 1);
  EXPECT_EQ(whole.experiments.traps.size(), 1u);
  EXPECT_EQ(names(whole), planned_) << "a cell that both measured is there once";
  EXPECT_EQ(whole.target->in_flight, second.target->in_flight);
}

TEST_F(GuestsOfATarget, OneThatIsAloneStaysAsItIs) {
  auto alone = page({1, 0});
  alone.target->not_run = {planned_[3]};
  const auto whole = merged({alone}, {});
  EXPECT_THAT(names(whole), ElementsAre(planned_[1], planned_[0]));
  EXPECT_THAT(whole.target->not_run, ElementsAre(planned_[3]));
}

TEST(CombinedExitCode, OneThatMeasuredMakesUpForOneThatHadNothingTo) {
  EXPECT_EQ(combined({ExitCode::fine, ExitCode::nothing_measured}), ExitCode::fine);
  EXPECT_EQ(combined({ExitCode::nothing_measured, ExitCode::nothing_measured}), ExitCode::nothing_measured);
  EXPECT_EQ(combined({ExitCode::fine, ExitCode::unavailable}), ExitCode::cell_failed);
  EXPECT_EQ(combined({ExitCode::cell_failed, ExitCode::interrupted}), ExitCode::interrupted);
}

}  // namespace
}  // namespace probebench::session
