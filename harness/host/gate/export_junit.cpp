// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/escape.h"
#include "gate/export.h"

namespace probebench::gate {
namespace {

// Regressions and missing cells are failures; what could not be decided is an error: the test did not run.
std::string_view junit_outcome(Verdict verdict) {
  if (info_of(verdict).exit_code == ExitCode::regression) return "failure";
  return info_of(verdict).exit_code == ExitCode::unfit ? "error" : "";
}

std::string junit_case(const ReportTarget& target, const ReportRow& row) {
  auto text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", escaped_for_xml(target.title),
                          escaped_for_xml(row.cell));
  const auto verdict = row.verdict.value_or(Verdict::pass);
  const auto outcome = junit_outcome(verdict);
  if (!outcome.empty()) {
    return text + fmt::format(">\n      <{} type=\"{}\" message=\"{}\"/>\n    </testcase>\n", outcome,
                              info_of(verdict).name, escaped_for_xml(row_story(row)));
  }
  if (row.head_status == "measured") return text + "/>\n";
  return text +
         fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", escaped_for_xml(row.why));
}

// A target that was not compared must not be a suite without failures.
std::string junit_target_case(const ReportTarget& target) {
  const auto verdict = target.verdict.value_or(Verdict::pass);
  if (target.why.empty() || junit_outcome(verdict).empty()) return {};
  return fmt::format(
      "    <testcase classname=\"{0}\" name=\"{0}\">\n      <{1} type=\"{2}\" message=\"{3}\"/>\n"
      "    </testcase>\n",
      escaped_for_xml(target.title), junit_outcome(verdict), info_of(verdict).name,
      escaped_for_xml(target.why));
}

std::size_t occurrences(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

std::string counts_of(const std::string& cases) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
                     occurrences(cases, "<testcase "), occurrences(cases, "<failure "),
                     occurrences(cases, "<error "), occurrences(cases, "<skipped "));
}

}  // namespace

std::string report_junit(const Report& report) {
  std::string suites;
  std::string all;
  for (const auto& target : report.targets) {
    std::string cases = junit_target_case(target);
    for (const auto* row : lead_rows(target)) cases += junit_case(target, *row);
    suites += fmt::format("  <testsuite name=\"{}\" {}>\n{}  </testsuite>\n", escaped_for_xml(target.title),
                          counts_of(cases), cases);
    all += cases;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"probebench\" {}>\n{}</testsuites>\n",
      counts_of(all), suites);
}

}  // namespace probebench::gate
