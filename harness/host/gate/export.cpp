// SPDX-License-Identifier: MIT
#include "gate/export.h"

#include <fmt/format.h>

#include "base/escape.h"

namespace probebench::gate {
namespace {

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::optional<double> value_of(const std::optional<Metric>& metric) {
  return metric ? std::optional(metric->value) : std::nullopt;
}

std::string csv_line(const ReportTarget& target, const ReportRow& row) {
  const auto& range = row.relative_range;
  const std::array<std::string, 13> fields{escaped_for_csv(target.title),
                                           escaped_for_csv(row.cell),
                                           escaped_for_csv(row.metric),
                                           row.metric.empty() ? ""
                                           : row.exact        ? "exact"
                                                              : "noisy",
                                           escaped_for_csv(row.base_status),
                                           escaped_for_csv(row.head_status),
                                           csv_number(value_of(row.base)),
                                           csv_number(value_of(row.head)),
                                           csv_number(row.absolute),
                                           csv_number(row.relative),
                                           csv_number(range ? std::optional(range->low) : std::nullopt),
                                           csv_number(range ? std::optional(range->high) : std::nullopt),
                                           row.verdict ? std::string(info_of(*row.verdict).name) : ""};
  std::string line;
  for (const auto& field : fields) line += (line.empty() ? "" : ",") + field;
  return line + "\n";
}

std::string annotation(Verdict verdict, const std::string& story) {
  const auto code = info_of(verdict).exit_code;
  if (code == ExitCode::fine) return {};
  return fmt::format("::{} title=probebench {}::{}\n", code == ExitCode::regression ? "error" : "warning",
                     info_of(verdict).name, escaped_for_github(story));
}

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

// junit-10.xsd lets a suite say how many were skipped, but not all suites together.
std::string total_of(const std::string& cases) {
  return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", occurrences(cases, "<testcase "),
                     occurrences(cases, "<failure "), occurrences(cases, "<error "));
}

std::string counts_of(const std::string& cases) {
  return fmt::format("{} skipped=\"{}\"", total_of(cases), occurrences(cases, "<skipped "));
}

bool is_news(const ReportRow& row) {
  if (!row.verdict) return !row.absolute || *row.absolute != 0;
  return *row.verdict < Verdict::pass || (*row.verdict == Verdict::pass && !row.why.empty());
}

std::string markdown_row(const ReportRow& row) {
  const auto verdict = row.verdict ? std::string(info_of(*row.verdict).name) : row.head_status;
  return fmt::format("| {} | `{}` | {} | {} | {} | {} |\n", verdict,
                     escaped_for_code_span(short_name(row.cell)),
                     escaped_for_markdown(side_text(row.base, row.base_status)),
                     escaped_for_markdown(side_text(row.head, row.head_status)), change_text(row),
                     escaped_for_markdown(row.why));
}

std::string markdown_differences(const ReportTarget& target) {
  std::string text;
  for (const auto& one : target.differences) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", escaped_for_code_span(one.name),
                        escaped_for_markdown(one.base), escaped_for_markdown(one.head),
                        one.may_differ ? "" : "forbids a comparison");
  }
  if (text.empty()) return text;
  return "\n<details><summary>What differs in the environments</summary>\n\n| fact | base | head | |\n"
         "|---|---|---|---|\n" +
         text + "\n</details>\n";
}

std::string markdown_target(const ReportTarget& target) {
  std::string text = fmt::format("\n### {}\n\n", escaped_for_markdown(target.title));
  if (target.verdict && !target.why.empty()) {
    text += fmt::format("**{}**: {}\n\n", info_of(*target.verdict).name, escaped_for_markdown(target.why));
  }
  std::string rows;
  std::size_t same = 0;
  for (const auto* row : lead_rows(target)) {
    if (is_news(*row)) {
      rows += markdown_row(*row);
    } else {
      ++same;
    }
  }
  if (!rows.empty())
    text += "| verdict | cell | base | head | change | |\n|---|---|---:|---:|---:|---|\n" + rows;
  text += fmt::format("\n{} cell{} without a change\n", same, same == 1 ? "" : "s");
  return text + markdown_differences(target);
}

std::string plus_minus(const Metric& metric) {
  return fmt::format("{:>10.3f} ± {:.3f}", metric.value, (metric.high - metric.low) / 2);
}

}  // namespace

std::string report_csv(const Report& report) {
  std::string text =
      "target,cell,metric,class,base_status,head_status,base,head,absolute,relative,relative_low,relative_"
      "high,"
      "verdict\n";
  for (const auto& target : report.targets) {
    for (const auto& row : target.rows) text += csv_line(target, row);
  }
  return text;
}

std::string github_annotations(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    if (target.verdict && !target.why.empty()) {
      text += annotation(*target.verdict, target.title + ": " + target.why);
    }
    for (const auto* row : lead_rows(target)) {
      if (row->verdict) text += annotation(*row->verdict, short_name(row->cell) + ": " + row_story(*row));
    }
  }
  return text;
}

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
      total_of(all), suites);
}

std::string report_markdown(const Report& report) {
  const auto title = report.verdict ? fmt::format("gate: {}", info_of(*report.verdict).name) : "compare";
  std::string text = fmt::format("## probebench {}\n\nbase `{}`, head `{}`\n", title,
                                 escaped_for_code_span(report.base), escaped_for_code_span(report.head));
  for (const auto& note : report.notes) text += fmt::format("\n> {}\n", escaped_for_markdown(note));
  for (const auto& target : report.targets) text += markdown_target(target);
  return text;
}

std::string report_selftest(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    text += fmt::format("# {}\n", escaped_for_line(target.title));
    for (const auto* row : lead_rows(target)) {
      if (!row->base || !row->head) continue;
      text += fmt::format("{:<40}: {} -> {} {} ({})\n", escaped_for_line(short_name(row->cell)),
                          plus_minus(*row->base), plus_minus(*row->head), unit_of(row->metric),
                          percent_text(row->relative));
    }
  }
  return text;
}

}  // namespace probebench::gate
