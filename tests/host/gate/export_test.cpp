// SPDX-License-Identifier: MIT
// Names and reasons that mean to act on who reads a report. JSON, and what JSON holds, needs no test of ours.
#include "gate/export.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "gate_fixture.h"

namespace probebench::gate {
namespace {

const std::string evil_name = "=cmd|calc,<b>\x1b[31m`x`\n# heading\r";

Report evil_report() {
  ReportRow row;
  row.cell = row.base_cell = row.head_cell = evil_name;
  row.metric = "instructions_per_hit";
  row.base_status = row.head_status = "measured";
  row.exact = true;
  row.base = exact_metric(100);
  row.head = exact_metric(103);
  row.absolute = 3;
  row.verdict = Verdict::regression;
  row.why = "\x1b]0;t\x07 100 %\n::error::forged";
  ReportTarget target;
  target.title = evil_name;
  target.rows = {row};
  target.comparable = true;
  target.differences.push_back({.name = "cpu`model", .base = "<script>|", .head = "\xe2\x80\xae"});
  return {.base = "`a`",
          .head = "b",
          .verdict = Verdict::regression,
          .notes = {"<i>\n# note"},
          .targets = {target}};
}

// Nothing that a terminal acts on, whoever shows the file there.
void expect_plain(const std::string& text, std::string_view wanted = {}) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    EXPECT_TRUE(byte >= 0x20 || c == '\n' || wanted.find(c) != std::string_view::npos) << int{byte};
  }
  EXPECT_EQ(text.find("\xe2\x80\xae"), std::string::npos);
}

TEST(Export, MarkdownStaysAReportOfOneTable) {
  const auto text = report_markdown(evil_report());
  expect_plain(text);
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  EXPECT_EQ(text.find("<i>"), std::string::npos);
  EXPECT_EQ(text.find("\n# "), std::string::npos);
  EXPECT_NE(text.find("base `'a'`, head `b`\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| `=cmd¦calc,<b>\\x1b[31m'x' # heading\\x0d` | 100 | 103 |"), std::string::npos)
      << text;
  EXPECT_NE(text.find("| `cpu'model` | &lt;script&gt;\\| | \\\\u202e |"), std::string::npos) << text;
}

TEST(Export, CsvStaysOneLineOfThirteenFieldsForAParserOfIt) {
  const auto text = report_csv(evil_report());
  expect_plain(text, "\r");
  const std::string field = "\"'=cmd|calc,<b>\\x1b[31m`x`\n# heading\r\"";
  EXPECT_NE(
      text.find("\n" + field + "," + field + ",instructions_per_hit,exact,measured,measured,100,103,3,"),
      std::string::npos)
      << text;
}

TEST(Export, JunitIsXml) {
  const auto text = report_junit(evil_report());
  expect_plain(text);
  const auto suites = text.substr(text.find("<testsuites "));
  EXPECT_EQ(suites.substr(0, suites.find('>')).find("skipped="), std::string::npos) << "not in junit-10.xsd";
  EXPECT_NE(text.find("<testsuite name="), std::string::npos);
  EXPECT_NE(text.find("name=\"=cmd|calc,&lt;b&gt;\\x1b[31m`x` # heading\\x0d\""), std::string::npos) << text;
}

TEST(Export, AnAnnotationIsOneCommand) {
  const auto text = github_annotations(evil_report());
  expect_plain(text);
  EXPECT_EQ(text.find("::error"), 0U) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_NE(text.find("100 %25%0A::error::forged"), std::string::npos) << text;
}

TEST(Export, AMailHasOneLineForATarget) {
  const auto text = report_selftest(evil_report());
  expect_plain(text);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << text;
}

}  // namespace
}  // namespace probebench::gate
