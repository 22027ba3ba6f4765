// SPDX-License-Identifier: MIT
#include "gate/limits.h"

#include <gtest/gtest.h>

namespace probebench::gate {
namespace {

std::string error_of(std::string_view text) {
  const auto limits = parse_limits(text, "limits.toml");
  if (limits) return "no error";
  EXPECT_EQ(limits.error().fault, Fault::usage);
  EXPECT_TRUE(limits.error().what.starts_with("read limits limits.toml: ")) << limits.error().what;
  EXPECT_EQ(limits.error().message().find('\n'), std::string::npos);
  return limits.error().what;
}

TEST(Limits, AnEmptyFileAllowsNothing) {
  const auto limits = parse_limits("", "limits.toml");
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->find("a", "b").absolute, 0);
  EXPECT_EQ(limits->find("a", "b").floor, 0.02);
  EXPECT_EQ(limits->accepted("a"), nullptr);
}

TEST(Limits, RulesThatFitNothingAreNamed) {
  const auto limits = parse_limits(R"(
[[limit]]
cell = "kprobe-*"
metric = "instructions_per_hit"
absolute = 2
[[limit]]
cell = "kprobe-optimised/*"
metric = "instruction_per_hit"
absolute = 5
[[accept]]
cell = "ftrace/*"
reason = "not built here"
)",
                                   "limits.toml");
  ASSERT_TRUE(limits) << limits.error().message();
  EXPECT_EQ(
      unused_rules(*limits, {"kprobe-optimized/module/mid/nop/threads:1"}),
      (std::vector<std::string>{"[[limit]] cell = 'kprobe-optimised/*'",
                                "[[limit]] metric = 'instruction_per_hit'", "[[accept]] cell = 'ftrace/*'"}));
}

TEST(Limits, TheLastRuleThatFitsCounts) {
  const auto limits = parse_limits(R"(
[default]
relative = 0.01
[[limit]]
cell = "kprobe-*"
absolute = 2
[[limit]]
cell = "*/count/*"
metric = "instructions_per_hit"
absolute = 5
[[accept]]
cell = "ftrace/*"
reason = "not built here"
)",
                                   "limits.toml");
  ASSERT_TRUE(limits) << limits.error().message();
  EXPECT_EQ(limits->find("kprobe-post/module/mid/nop/threads:1", "ticks_per_hit").absolute, 2);
  EXPECT_EQ(limits->find("kprobe-post/module/mid/count/threads:1", "instructions_per_hit").absolute, 5);
  EXPECT_EQ(limits->find("kprobe-post/module/mid/count/threads:1", "ticks_per_hit").absolute, 2);
  EXPECT_EQ(limits->find("fprobe-entry", "ticks_per_hit").relative, 0.01);
  ASSERT_NE(limits->accepted("ftrace/module/entry/nop/threads:1"), nullptr);
  EXPECT_EQ(limits->accepted("ftrace-regs/module"), nullptr);
}

TEST(Limits, MistakesAreNamed) {
  EXPECT_NE(error_of("[limit]\n").find("write [[limit]]"), std::string::npos);
  EXPECT_NE(error_of("[[limit]]\nabsolut = 1\n").find("unknown key 'absolut'"), std::string::npos);
  EXPECT_NE(error_of("[[limit]]\nabsolute = -1\n").find("from 0 on"), std::string::npos);
  EXPECT_NE(error_of("[[limit]]\nabsolute = 'x'\n").find("from 0 on"), std::string::npos);
  EXPECT_NE(error_of("[[limit]]\nrelative = 2\n").find("0.02"), std::string::npos);
  EXPECT_NE(error_of("[[accept]]\ncell = 'x'\n").find("`reason`"), std::string::npos);
  EXPECT_NE(error_of("default = 3\n").find("[default]"), std::string::npos);
  EXPECT_NE(error_of("colour = 'red'\n").find("unknown key 'colour'"), std::string::npos);
  EXPECT_NE(error_of("a = \n").find("line 1"), std::string::npos);
}

TEST(Patterns, AStarStandsForAnyText) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("a*c*e", "abcde"));
  EXPECT_TRUE(fits("a*", "a"));
  EXPECT_FALSE(fits("a*c", "abcd"));
  EXPECT_FALSE(fits("", "a"));
  EXPECT_TRUE(fits("*nop/*", "x/nop/nop/threads:1"));
  EXPECT_TRUE(fits("a**", "a"));
  EXPECT_TRUE(fits("*ab*abc", "xababcabc"));
  EXPECT_FALSE(fits("*ab*abc", "xabab"));
}

// With one step back for each star it would not end within the age of the machine.
TEST(Patterns, ManyStarsTakeNoLongTime) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  const std::string name(10'000, 'a');
  EXPECT_TRUE(fits(pattern, name));
  EXPECT_FALSE(fits(pattern + "*X", name));
}

}  // namespace
}  // namespace probebench::gate
