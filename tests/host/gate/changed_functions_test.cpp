// SPDX-License-Identifier: MIT
#include "gate/changed_functions.h"

#include <gtest/gtest.h>

#include "anatomy/anatomy_json.h"
#include "base/file.h"

namespace probebench::gate {
namespace {

constexpr const char* kOptimizedCell = "kprobe-optimized/module/mid/count/threads:1";

anatomy::Anatomy path(std::uint64_t handler, std::uint64_t lookup, std::uint64_t baseline = 10) {
  return {.cell = kOptimizedCell,
          .target = "vm",
          .runs = {{"site", 0, anatomy::Phase::call, anatomy::Arrival::onward, baseline},
                   {"lookup", 1, anatomy::Phase::lookup, anatomy::Arrival::onward, lookup},
                   {"handler", 1, anatomy::Phase::handler, anatomy::Arrival::onward, handler}},
          .baseline = baseline,
          .exceptions = 0};
}

Metric count(double value) {
  return {
      .value = value, .low = value, .high = value, .n = 3, .metric_class = MetricClass::exact, .note = {}};
}

Report differing(double base, double head) {
  ReportRow row;
  row.cell = row.base_cell = row.head_cell = kOptimizedCell;
  row.metric = "instructions_per_hit";
  row.exact = true;
  row.base = count(base);
  row.head = count(head);
  row.absolute = head - base;
  ReportTarget target;
  target.base_id = target.head_id = "vm";
  target.rows = {row};
  return {.base = "a", .head = "b", .verdict = {}, .notes = {}, .targets = {target}};
}

TEST(ChangedFunctions, AreNamedWithTheLargestFirst) {
  auto report = differing(30, 35);
  name_functions(report, {path(20, 10)}, {path(13, 22)});
  const auto& row = report.targets[0].rows[0];
  EXPECT_EQ(row.why, "by function: lookup +12, handler -7");
  ASSERT_EQ(row.functions.size(), 2U);
  EXPECT_EQ(row.functions[0].change + row.functions[1].change, 5);
  EXPECT_TRUE(report.notes.empty());
}

TEST(ChangedFunctions, WhatTheCallItselfAddsIsToldApart) {
  auto report = differing(30, 31);
  name_functions(report, {path(20, 10, 10)}, {path(21, 10, 12)});
  EXPECT_EQ(report.targets[0].rows[0].why,
            "by function: site +2, handler +1 (+2 of it in the call itself, not counted)");
}

TEST(ChangedFunctions, PathsOfOtherCountsNameNothing) {
  auto report = differing(30, 36);  // the paths say 35
  name_functions(report, {path(20, 10)}, {path(13, 22)});
  EXPECT_EQ(report.targets[0].rows[0].why, "");
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_NE(report.notes[0].find("run anatomy again"), std::string::npos);
}

TEST(ChangedFunctions, AnotherTargetsPathIsNotTaken) {
  auto report = differing(30, 35);
  report.targets[0].head_id = "vm#2";
  name_functions(report, {path(20, 10)}, {path(13, 22)});
  EXPECT_EQ(report.targets[0].rows[0].why, "");
}

TEST(ChangedFunctions, AreReadFromBesideTheResultsOrBelow) {
  const auto folder = fs::path(::testing::TempDir()) / "changed_functions";
  fs::create_directories(folder / kPathsFolder);
  fs::remove(folder / "anatomy.json");
  ASSERT_TRUE(
      write_file_atomic(folder / kPathsFolder / "anatomy.json", anatomy::write_anatomies({path(20, 10)})));
  EXPECT_EQ(recorded_paths(folder).size(), 1U);
  ASSERT_TRUE(write_file_atomic(folder / "anatomy.json", "{"));
  EXPECT_EQ(recorded_paths(folder).size(), 1U) << "a damaged file is passed over";
  EXPECT_TRUE(recorded_paths(folder / "nowhere").empty());
}

}  // namespace
}  // namespace probebench::gate
