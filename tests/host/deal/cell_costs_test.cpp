// SPDX-License-Identifier: MIT
#include "deal/cell_costs.h"

#include <gtest/gtest.h>

#include "model/plan.h"
#include "temporary_directory.h"

namespace probebench::deal {
namespace {

constexpr std::uint32_t kRounds = 3;

class CostsOfCells : public testing::Test {
 protected:
  const fs::path& cache() const { return directory_.path(); }

  TemporaryDirectory directory_;
  Cell cell_ = cells_of(ProbeType::kprobe_stepped, Handler::nop).front();
  Cell other_ = cells_of(ProbeType::fentry, Handler::nop).front();
};

TEST_F(CostsOfCells, AreGuessedUntilTheyAreSeen) {
  auto costs = CellCosts::load(cache(), "6.12");
  EXPECT_EQ(costs.expected_s(cell_, kRounds), kUnknownCostSeconds);
  costs.observe({.cells = {{cell_, 0.8}}}, kRounds);
  EXPECT_EQ(costs.expected_s(cell_, kRounds), 0.8);
  EXPECT_EQ(costs.expected_s(other_, kRounds), kUnknownCostSeconds);
  costs.observe({.cells = {{cell_, 0.4}}}, kRounds);
  EXPECT_DOUBLE_EQ(costs.expected_s(cell_, kRounds), 0.6);
  EXPECT_DOUBLE_EQ(costs.expected_s(cell_, 10 * kRounds), 6);
}

TEST_F(CostsOfCells, AreKeptForEachTarget) {
  auto costs = CellCosts::load(cache(), "6.12");
  costs.observe({.cells = {{cell_, 0.8}}}, kRounds);
  ASSERT_TRUE(costs.save(cache()));
  auto others = CellCosts::load(cache(), "6.1");
  others.observe({.cells = {{cell_, 0.1}}}, kRounds);
  ASSERT_TRUE(others.save(cache()));
  EXPECT_EQ(CellCosts::load(cache(), "6.12").expected_s(cell_, kRounds), 0.8);
  EXPECT_EQ(CellCosts::load(cache(), "6.1").expected_s(cell_, kRounds), 0.1);
  EXPECT_EQ(CellCosts::load(cache(), "5.10").expected_s(cell_, kRounds), kUnknownCostSeconds);
}

TEST_F(CostsOfCells, StandBesideThoseOfSteps) {
  auto costs = CellCosts::load(cache(), "6.12");
  EXPECT_EQ(costs.expected_steps_s("ids", 3), 3 * kUnknownStepSeconds);
  costs.observe({.steps = {{"ids: ftrace", 4}, {"ids read: fentry", 2}, {"traps of a process", 9}}}, kRounds);
  ASSERT_TRUE(costs.save(cache()));
  costs = CellCosts::load(cache(), "6.12");
  EXPECT_EQ(costs.expected_steps_s("ids", 2), 6);
  EXPECT_EQ(costs.expected_steps_s("ids", 3), 6 + kUnknownStepSeconds);
  EXPECT_EQ(costs.expected_steps_s(kTrapsStep, 1), 9);
  EXPECT_EQ(costs.expected_s(cell_, kRounds), kUnknownCostSeconds);
}

TEST_F(CostsOfCells, AreGuessedWhereTheTableIsDamaged) {
  for (const auto* text :
       {"", "[1]", "{\"6.12\": 3}", "{\"6.12\": {\"kprobe-stepped/module/mid-step/nop\": -1}}",
        "{\"6.12\": {\"kprobe-stepped/module/mid-step/nop\": \"x\"}}", "{\"6.12\": {"}) {
    ASSERT_TRUE(write_file_atomic(cache() / "cell-costs.json", text));
    EXPECT_EQ(CellCosts::load(cache(), "6.12").expected_s(cell_, kRounds), kUnknownCostSeconds) << text;
  }
}

}  // namespace
}  // namespace probebench::deal
