// SPDX-License-Identifier: MIT
#include "tree/kernel_options.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "model/placement.h"

namespace probebench::tree {
namespace {

constexpr const char* kRelease = "6.12.117-mine";

std::string without(const std::string& option) {
  auto config = kernel_config_fragment();
  const auto line = "CONFIG_" + option + "=y\n";
  const auto at = config.find(line);
  EXPECT_NE(at, std::string::npos) << option;
  return config.replace(at, line.size(), "# CONFIG_" + option + " is not set\n");
}

TEST(KernelOptions, TheFragmentCostsNothing) {
  EXPECT_TRUE(costs_of_config(kernel_config_fragment(), kRelease).empty());
}

TEST(KernelOptions, NoKcoreCostsThreeRows) {
  const auto costs = costs_of_config(without("PROC_KCORE"), kRelease);
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].option, "CONFIG_PROC_KCORE=n");
  EXPECT_EQ(costs[0].rows, 3u);
  EXPECT_EQ(costs[0].lost, (std::vector<std::string>{"fentry", "fexit", "fmod-ret"}));
}

TEST(KernelOptions, WhatOtherOptionsNeedCostsMore) {
  const auto costs = costs_of_config(without("FTRACE"), kRelease);
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_GT(costs[0].rows, costs_of_config(without("FPROBE"), kRelease).at(0).rows);
}

TEST(KernelOptions, PreemptionCostsTheBoostedProbe) {
  const auto costs = costs_of_config(kernel_config_fragment() + "CONFIG_PREEMPTION=y\n", kRelease);
  ASSERT_EQ(costs.size(), 1u);
  EXPECT_EQ(costs[0].option, "CONFIG_PREEMPTION=y");
  EXPECT_EQ(costs[0].lost, std::vector<std::string>{"kprobe-boosted"});
}

TEST(KernelOptions, WithoutAConsoleAllIsLost) {
  const auto costs = costs_of_config(without("SERIAL_8250_CONSOLE"), kRelease);
  ASSERT_EQ(costs.size(), 1u);
  const auto of_x86 = std::ranges::count_if(kPlacements, [](const auto& row) { return !row.only; });
  EXPECT_EQ(costs[0].rows, static_cast<std::size_t>(of_x86));
  EXPECT_TRUE(costs[0].lost.empty());
}

TEST(KernelOptions, WhatAnOldKernelCannotHaveIsNoCost) {
  EXPECT_TRUE(costs_of_config(without("FPROBE"), "5.10.0-1-amd64").empty());
  EXPECT_EQ(costs_of_config(without("FPROBE"), "5.18.0").size(), 1u);
}

// A word of the table that nothing is called would cost nothing, and nobody would see it.
TEST(KernelOptions, EachOptionWithACostHasRows) {
  const auto costs = costs_of_config("CONFIG_PREEMPTION=y\n", kRelease);
  EXPECT_GT(costs.size(), 20u);
  for (const auto& cost : costs) EXPECT_GT(cost.rows, 0u) << cost.option;
  EXPECT_TRUE(std::ranges::is_sorted(costs, std::greater<>(), &OptionCost::rows));
}

TEST(KernelOptions, Releases) {
  EXPECT_EQ(version_of_release("6.12.117+deb12-cloud-amd64"), 612);
  EXPECT_EQ(version_of_release("5.10-rc1"), 510);
  EXPECT_EQ(version_of_release("7"), 0);
  EXPECT_EQ(version_of_release("x.1"), 0);
}

}  // namespace
}  // namespace probebench::tree
