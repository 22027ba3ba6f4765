// SPDX-License-Identifier: MIT
#include "attach/graph_index.h"

#include <gtest/gtest.h>

namespace probebench::attach {
namespace {

TEST(GraphIndex, TheFirstAloneIsIndex0) {
  EXPECT_TRUE(only_first_index({1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(only_first_index({2, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(only_first_index({0, 0x80, 0, 0, 0, 0, 0, 0}));
}

// Whoever else has one makes every return look at more than one index.
TEST(GraphIndex, OneOfTwoIsNotAlone) {
  EXPECT_FALSE(only_first_index({3, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(only_first_index({1, 1, 0, 0, 0, 0, 0, 0}));
}

TEST(GraphIndex, NobodyAndNothingAreNot) {
  EXPECT_FALSE(only_first_index({0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(only_first_index({}));
}

#if defined(__x86_64__)
TEST(GraphIndex, WithStaticCallsNothingDependsOnIt) {
  EXPECT_FALSE(has_first_graph_index(ProbeType::fprobe_exit));
}
#endif

}  // namespace
}  // namespace probebench::attach
