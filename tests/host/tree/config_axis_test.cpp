// SPDX-License-Identifier: MIT
#include "tree/config_axis.h"

#include <gtest/gtest.h>

namespace probebench::tree {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_config_axis(text, "axis.toml");
  return parsed ? "no error" : parsed.error().message();
}

TEST(ConfigAxis, KeepsTheOrderOfTheFile) {
  const auto axis = parse_config_axis(
      "[[config]]\nname = \"none\"\n[[config]]\nname = \"lockdep\"\noptions = [\"PROVE_LOCKING=y\"]\n", "a");
  ASSERT_TRUE(axis) << axis.error().message();
  ASSERT_EQ(axis->size(), 2u);
  EXPECT_EQ(axis->at(0).name, "none");
  EXPECT_EQ(axis->at(1).options, std::vector<std::string>{"PROVE_LOCKING=y"});
}

TEST(ConfigAxis, ItsOptionsComeLast) {
  const ConfigVariant variant{"preempt", {"PREEMPT_NONE=n", "PREEMPT=y", "LOG_BUF_SHIFT=18"}};
  EXPECT_TRUE(variant.fragment().ends_with(
      "\n# preempt\n# CONFIG_PREEMPT_NONE is not set\nCONFIG_PREEMPT=y\nCONFIG_LOG_BUF_SHIFT=18\n"));
}

TEST(ConfigAxis, SaysWhatIsWrongAndWhere) {
  EXPECT_NE(error_of("[[config]]\n").find("axis.toml"), std::string::npos);
  EXPECT_NE(error_of("[[config]]\nname = \"a\"\noptions = [\"PREEMPT\"]\n").find("'PREEMPT' is no option"),
            std::string::npos);
  EXPECT_NE(error_of("[[config]]\nname = \"a\"\noptions = [\"A=y\\nB=y\"]\n").find("no option"),
            std::string::npos);
  EXPECT_NE(error_of("[[config]]\nname = \"../a\"\n"), "no error");
  EXPECT_NE(error_of("[[config]]\nname = \"a\"\n[[config]]\nname = \"a\"\n").find("twice"),
            std::string::npos);
  EXPECT_NE(error_of("[[configs]]\nname = \"a\"\n"), "no error");
  EXPECT_NE(error_of("name = ").find("line 1"), std::string::npos);
}

}  // namespace
}  // namespace probebench::tree
