// SPDX-License-Identifier: MIT
#include "base/text.h"

#include <gtest/gtest.h>

namespace probebench {
namespace {

TEST(LastLine, IsTheLastWithAWord) {
  EXPECT_EQ(last_line("a\nb\r\n\r\n"), "b");
  EXPECT_EQ(last_line("a"), "a");
  EXPECT_EQ(last_line("\n"), "");
}

}  // namespace
}  // namespace probebench
