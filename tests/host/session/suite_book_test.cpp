// SPDX-License-Identifier: MIT
#include "session/suite_book.h"

#include <gtest/gtest.h>

#include "session/external_cell.h"

namespace probebench::session {
namespace {

CostPlan recipe_plan(const std::string& name) {
  CostPlan plan{.workload = WorkloadId::pread};
  plan.name = name;
  plan.armed.sha256 = std::string(64, 'a');
  return plan;
}

class SuiteBookTest : public testing::Test {
 protected:
  // What a run of the recipe on a target comes to.
  TargetPage page(const std::string& target, const CostPlan& plan, CellStatus status,
                  const std::string& reason = {}) const {
    TargetInfo info;
    info.id = target;
    info.kind = "vm";
    info.accel = "tcg";
    info.clock = ClockKind::instructions;
    ProbeCost cost{.workload = plan.workload, .base_per_op = {100}, .status = status, .reason = reason};
    TargetPage page{.target = TargetRecord{.info = info}, .cells = {external_cell(plan, cost, info)}};
    page.experiments.costs.push_back(cost);
    page.complete = true;
    return page;
  }

  const CostPlan first_ = recipe_plan("first");
  const CostPlan second_ = recipe_plan("second");
  SuiteBook book_{{&first_, &second_}};
};

TEST_F(SuiteBookTest, MakesOneRunOfSeveral) {
  book_.add(0, page("6.12", first_, CellStatus::measured), false);
  book_.add(0, page("6.1", first_, CellStatus::measured), false);
  EXPECT_FALSE(book_.record({}, "").complete) << "one of the recipes is not there yet";
  book_.add(1, page("6.12", second_, CellStatus::measured), false);
  book_.add(1, page("6.1", second_, CellStatus::invalid, "why"), false);
  const auto record = book_.record({}, "");
  EXPECT_TRUE(record.complete);
  ASSERT_EQ(record.targets.size(), 2u);
  ASSERT_EQ(record.cells.size(), 4u) << "target by target";
  EXPECT_EQ(record.cells[1].target, "6.12");
  EXPECT_EQ(record.cells[1].result.cell.name(), name_of(second_));
  EXPECT_EQ(record.cells[3].result.status, CellStatus::invalid);
}

TEST_F(SuiteBookTest, WhatTheKernelLacksIsSkippedWithItsReason) {
  book_.add(0, page("6.12", first_, CellStatus::skipped, "no such tracer"), false);
  const auto record = book_.record({}, "");
  ASSERT_EQ(record.cells.size(), 1u);
  EXPECT_EQ(record.cells[0].result.status, CellStatus::skipped);
  EXPECT_EQ(record.cells[0].result.reason, "no such tracer");
  EXPECT_FALSE(record.cells[0].result.provided_by.empty());
}

TEST_F(SuiteBookTest, ATypoIsAFailure) {
  book_.add(0, page("6.12", first_, CellStatus::errored, "no such function"), false);
  EXPECT_EQ(book_.record({}, "").cells[0].result.status, CellStatus::errored);
}

TEST_F(SuiteBookTest, WhatMayFailIsSkippedWhereItDoes) {
  book_.add(0, page("6.12", first_, CellStatus::invalid, "no hits"), true);
  book_.add(1, page("6.12", second_, CellStatus::measured), true);
  const auto record = book_.record({}, "");
  ASSERT_EQ(record.cells.size(), 2u);
  EXPECT_EQ(record.cells[0].result.status, CellStatus::skipped);
  EXPECT_EQ(record.cells[1].result.status, CellStatus::measured);
}

TEST_F(SuiteBookTest, ARefusalIsACellOfEachTarget) {
  book_.refuse(1, "tool: not on this machine", "the package tool");
  EXPECT_TRUE(book_.record({}, "").cells.empty()) << "no target has come up yet";
  book_.add(0, page("6.12", first_, CellStatus::measured), false);
  const auto record = book_.record({}, "");
  ASSERT_EQ(record.cells.size(), 2u);
  EXPECT_EQ(record.cells[1].result.reason, "tool: not on this machine");
  EXPECT_EQ(record.cells[1].result.provided_by, "the package tool");
}

TEST_F(SuiteBookTest, WhatWasCutOffKeepsWhatIsFinished) {
  book_.add(0, page("6.12", first_, CellStatus::measured), false);
  const auto record = book_.record({}, "interrupted");
  EXPECT_FALSE(record.complete);
  EXPECT_EQ(record.ended, "interrupted");
  EXPECT_EQ(record.cells.size(), 1u);
  EXPECT_EQ(record.targets[0].not_run, std::vector{name_of(second_)});
}

}  // namespace
}  // namespace probebench::session
