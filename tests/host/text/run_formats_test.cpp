// SPDX-License-Identifier: MIT
#include "text/run_formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "sample_run.h"
#include "text/cross_table.h"
#include "text/table.h"

namespace probebench::text {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

// Commas outside of quotes.
std::size_t fields_in(const std::string& line) {
  bool quoted = false;
  std::size_t fields = 1;
  for (const char one : line) {
    if (one == '"') quoted = !quoted;
    if (one == ',' && !quoted) ++fields;
  }
  return fields;
}

TEST(RunFormats, CsvHasALineForEachMetricAndEachReason) {
  const auto run = results::sample_run();
  const auto text = run_csv(run);
  const auto lines = lines_of(text);
  std::size_t expected = 1;
  for (const auto& cell : run.cells) {
    std::size_t metrics = 0;
    for (const auto& info : kMetrics) metrics += (cell.summary.*info.member).has_value() ? 1 : 0;
    expected += std::max<std::size_t>(metrics, 1);
  }
  EXPECT_EQ(lines.size(), expected + 1);  // the last ends with a newline
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) EXPECT_EQ(fields_in(lines[i]), 14u) << lines[i];
  EXPECT_THAT(text, HasSubstr("kprobe-optimized/module/mid/nop/threads:1,measured,optimized,"
                              "e9 62 31 01 00 c0 01 c3,instructions_per_hit,exact,105,105,105,3,"));
  for (const auto& cell : run.cells) {
    if (!cell.result.reason.empty()) EXPECT_THAT(text, HasSubstr(cell.result.cell.name()));
  }
}

TEST(RunFormats, MarkdownSaysWhatOthersHadOn) {
  auto run = results::sample_run();
  run.targets.front().info.environment.facts["tracer"] = "function";
  EXPECT_THAT(run_markdown(run), HasSubstr("\nWarning: the tracer function was on"));
}

TEST(RunFormats, MarkdownHasATableForEachTarget) {
  const auto run = results::sample_run();
  const auto text = run_markdown(run);
  EXPECT_THAT(text, StartsWith("### " + run.targets.front().info.id));
  EXPECT_THAT(text, HasSubstr("| probe type | state | bytes | insns/hit | hits | missed |\n"
                              "|---|---|---|---:|---:|---:|\n"));
  EXPECT_THAT(text, HasSubstr("| optimized | `e9 62 31 01 00 c0 01 c3` | 105 |"));
  EXPECT_THAT(text, HasSubstr("\n* skipped "));
}

TEST(RunFormats, WhatATargetSaysIsEscaped) {
  auto run = results::sample_run();
  for (auto& cell : run.cells) {
    if (cell.result.status != CellStatus::measured) cell.result.reason = "=1|<b>\n\x1b[2J";
  }
  EXPECT_THAT(run_markdown(run), testing::Not(HasSubstr("<b>")));
  EXPECT_THAT(run_csv(run), testing::Not(HasSubstr("\x1b")));
}

TEST(CrossTable, AnArchitectureIsSaidAndARowOfAnotherIsNotLost) {
  RunRecord record;
  for (const char* arch : {"amd64", "arm64"}) {
    TargetRecord target{.fingerprint = arch};
    target.info = {.id = arch, .kind = "vm", .accel = "tcg", .clock = ClockKind::instructions};
    target.info.host["kernel.release"] = std::string("6.12.117-cloud-") + arch;
    record.targets.push_back(target);
  }
  record.targets[1].info.host["arch"] = "arm64";
  CellRecord cell{.target = "arm64"};
  cell.result.cell.site = SiteId::entry;
  cell.result.status = CellStatus::measured;
  cell.summary.instructions_per_hit = Metric{.value = 513};
  record.cells = {cell};
  const auto text = cross_table(record);
  EXPECT_THAT(text, HasSubstr(" arm64\n"));
  EXPECT_THAT(text, HasSubstr("no row of x86-64"));
  EXPECT_EQ(text.find("lost"), std::string::npos) << text;
}

}  // namespace
}  // namespace probebench::text
