// SPDX-License-Identifier: MIT
#include "workload/marked_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace probebench::workload {
namespace {

using testing::HasSubstr;

std::string said_of(const std::vector<std::string>& command, std::uint32_t operations) {
  const auto work = make_marked_program(command);
  if (!work) return work.error().message();
  if (!*work) return "marks nothing";
  const auto status = (*work)->run(operations);
  return status ? "" : status.error().message();
}

TEST(MarkedProgram, MakesAsManyOperationsAsItIsTold) {
  const auto work = make_marked_program({MARKED_PROGRAM, "10"});
  ASSERT_TRUE(work) << work.error().message();
  ASSERT_NE(*work, nullptr);
  EXPECT_TRUE((*work)->run(1));
  EXPECT_GT((*work)->own_ticks(), 0u);
  EXPECT_TRUE((*work)->run(9));
  const auto none_left = (*work)->run(1);
  ASSERT_FALSE(none_left);
  EXPECT_THAT(none_left.error().message(), HasSubstr("ended after 10 operations"));
}

TEST(MarkedProgram, IsToldFromOneThatMarksNothing) {
  EXPECT_EQ(said_of({"true"}, 1), "marks nothing");
  EXPECT_EQ(said_of({"false"}, 1), "marks nothing");
  EXPECT_EQ(said_of({"/nowhere/x"}, 1), "start '/nowhere/x': No such file or directory");
  EXPECT_EQ(said_of({"/etc/passwd"}, 1), "start '/etc/passwd': Permission denied");
}

TEST(MarkedProgram, IsOneAsManyTimesAsItIsStarted) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(said_of({MARKED_PROGRAM}, 1000), "");
}

}  // namespace
}  // namespace probebench::workload
