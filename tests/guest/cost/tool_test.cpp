// SPDX-License-Identifier: MIT
#include "cost/tool.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace probebench::cost {
namespace {

TEST(ToolOutput, HasALastLine) {
  EXPECT_EQ(last_line(""), "");
  EXPECT_EQ(last_line("Attaching 1 probe...\nERROR: no such function\n\n"), "ERROR: no such function");
}

TEST(ToolOutput, TellsOfLosses) {
  EXPECT_EQ(line_on_losses("hello\nLost 64 events\n"), "Lost 64 events");
  EXPECT_EQ(line_on_losses("[ perf record: Woken up 1 times ]\n"), "");
  EXPECT_EQ(line_on_losses("Lost 0 events\n"), "");
  EXPECT_EQ(line_on_losses("the event was lost in thought\n"), "");
}

TEST(ToolTime, IsTheFirstFigure) {
  EXPECT_EQ(cpu_ns_of("12345 678 9\n"), 12345u);
  EXPECT_EQ(cpu_ns_of(""), 0u);
}

}  // namespace
}  // namespace probebench::cost
