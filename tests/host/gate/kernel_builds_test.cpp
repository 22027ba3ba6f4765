// SPDX-License-Identifier: MIT
#include "gate/kernel_builds.h"

#include <gtest/gtest.h>

#include "gate_fixture.h"

namespace probebench::gate {
namespace {

const std::string kStepped = "kprobe-stepped/module/mid-step/count/threads:1";
const std::string kStack = "raw-tp/module/tracepoint/stack/threads:1";

// A kernel that its owner built in `tree`.
Side built(const std::string& tree, const std::string& release, std::vector<SideCell> cells) {
  auto side = side_with(std::move(cells));
  auto& target = side.targets[0];
  target.identity["kernel.release"] = release;
  target.identity["kernel.version"] = "#1 SMP of " + tree;
  target.identity["module.sha256"] = tree;
  target.others["kernel.name"] = tree;
  return side;
}

Side before(std::vector<SideCell> cells) {
  return built("/a/", "6.12.117", std::move(cells));
}

Side after(std::vector<SideCell> cells) {
  return built("/b/", "6.12.117-mine+", std::move(cells));
}

TEST(KernelBuilds, TreesAreComparedAsTheyAre) {
  EXPECT_EQ(judged(before({counted_cell(kStepped, 479)}), after({counted_cell(kStepped, 479)})).verdict,
            Verdict::pass);
  EXPECT_EQ(judged(before({counted_cell(kStepped, 479)}), after({counted_cell(kStepped, 483)})).verdict,
            Verdict::regression);
}

TEST(KernelBuilds, AnotherVersionOrMachineForbidsIt) {
  const auto base = before({counted_cell(kStepped, 479)});
  EXPECT_EQ(judged(base, built("/b/", "6.12.118", {counted_cell(kStepped, 479)})).verdict,
            Verdict::incomparable);
  EXPECT_EQ(judged(base, built("/b/", "6.12.117-rc1", {counted_cell(kStepped, 479)})).verdict,
            Verdict::incomparable);
  auto head = after({counted_cell(kStepped, 479)});
  head.targets[0].identity["cpu.model"] = "Skylake";
  EXPECT_EQ(judged(base, head).targets[0].why, "different: cpu.model");
}

TEST(KernelBuilds, PackagedKernelsForbidIt) {
  auto base = before({counted_cell(kStepped, 479)});
  auto head = after({counted_cell(kStepped, 479)});
  for (auto* side : {&base, &head}) side->targets[0].identity["kernel.package_version"] = "6.12.117-1";
  EXPECT_EQ(judged(base, head).verdict, Verdict::incomparable);
}

TEST(KernelBuilds, ACollisionOnOneSideIsSaidAndNotGated) {
  auto collided = counted_cell(kStepped, 484);
  collided.in_own_list = true;
  const auto judgement = judged(before({counted_cell(kStepped, 479)}), after({collided}));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, kStepped).why,
            "addresses collide in the table of kprobes, in the head only: not gated");
}

TEST(KernelBuilds, ACollisionOnBothSidesExplainsNothing) {
  auto base = counted_cell(kStepped, 484);
  auto head = counted_cell(kStepped, 488);
  base.in_own_list = head.in_own_list = true;
  EXPECT_EQ(judged(before({base}), after({head})).verdict, Verdict::regression);
}

TEST(KernelBuilds, OneKernelCannotCollideOtherwise) {
  auto head = counted_cell(kStepped, 484);
  head.in_own_list = true;
  EXPECT_EQ(judged(before({counted_cell(kStepped, 479)}), before({head})).verdict, Verdict::regression);
}

TEST(KernelBuilds, UnwindingIsGatedByTheFloor) {
  const auto base = before({counted_cell(kStack, 7783)});
  const auto judgement = judged(base, after({counted_cell(kStack, 7801)}));
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(cell_in(judgement, kStack).why, "unwinding the stack depends on addresses: not gated exactly");
  EXPECT_EQ(judged(base, after({counted_cell(kStack, 8000)})).verdict, Verdict::regression);
  EXPECT_EQ(judged(base, before({counted_cell(kStack, 7801)})).verdict, Verdict::regression)
      << "the very same kernel";
}

TEST(KernelBuilds, WhatLayoutDoesNotExplainOfACellIsStillGated) {
  auto base = counted_cell(kStack, 7783);
  auto head = counted_cell(kStack, 7801);
  base.figures.push_back({"exceptions_per_hit", exact_metric(1)});
  head.figures.push_back({"exceptions_per_hit", exact_metric(2)});
  EXPECT_EQ(judged(before({base}), after({head})).verdict, Verdict::regression);
}

}  // namespace
}  // namespace probebench::gate
