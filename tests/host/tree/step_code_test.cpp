// SPDX-License-Identifier: MIT
#include "tree/step_code.h"

#include <gtest/gtest.h>

namespace probebench::tree {
namespace {

TEST(StepCode, APassIsGood) {
  EXPECT_EQ(git_code_of(ExitCode::fine), 0);
}

TEST(StepCode, ARegressionIsBad) {
  EXPECT_EQ(git_code_of(ExitCode::regression), 1);
}

TEST(StepCode, AFailedCellSkips) {
  EXPECT_EQ(git_code_of(ExitCode::cell_failed), 125);
}

TEST(StepCode, NothingMeasuredSkips) {
  EXPECT_EQ(git_code_of(ExitCode::nothing_measured), 125);
}

TEST(StepCode, WhatCannotBeDecidedSkips) {
  EXPECT_EQ(git_code_of(ExitCode::unfit), 125);
}

TEST(StepCode, AKernelThatCannotBeHadSkips) {
  EXPECT_EQ(git_code_of(ExitCode::unavailable), 125);
}

TEST(StepCode, AWrongCommandLineAborts) {
  EXPECT_EQ(git_code_of(ExitCode::usage), 128);
}

TEST(StepCode, AnInterruptionAborts) {
  EXPECT_EQ(git_code_of(ExitCode::interrupted), 130);
}

TEST(StepCode, WhatASignalEndedAborts) {
  EXPECT_EQ(git_code_of(static_cast<ExitCode>(128 + 11)), 128);
  EXPECT_EQ(git_code_of(static_cast<ExitCode>(77)), 128);
}

}  // namespace
}  // namespace probebench::tree
