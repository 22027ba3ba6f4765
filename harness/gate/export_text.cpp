// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "gate/export.h"

namespace probebench {
namespace {

std::string csv_field(std::string text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  for (auto at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2))
    text.insert(at, 1, '"');
  return '"' + text + '"';
}

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::optional<double> value_of(const std::optional<Metric>& metric) {
  return metric ? std::optional(metric->value) : std::nullopt;
}

std::string csv_line(const ReportTarget& target, const ReportRow& row) {
  const auto& range = row.relative_range;
  const std::array<std::string, 13> fields{csv_field(target.title),
                                           csv_field(row.cell),
                                           row.metric,
                                           row.metric.empty() ? ""
                                           : row.exact        ? "exact"
                                                              : "noisy",
                                           row.base_status,
                                           row.head_status,
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

// A bar would end a table's cell.
std::string markdown_text(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, 1, '\\');
  return text;
}

std::string side_text(const std::optional<Metric>& metric, const std::string& status) {
  return metric ? number_text(metric->value) : status;
}

std::string change_text(const ReportRow& row) {
  if (!row.absolute) return "";
  if (*row.absolute == 0) return "=";
  const auto percent = percent_text(row.relative);
  if (!row.relative_range) return fmt::format("{} ({})", difference_text(*row.absolute), percent);
  return fmt::format("{} ({} to {})", percent, percent_text(row.relative_range->low),
                     percent_text(row.relative_range->high));
}

bool is_news(const ReportRow& row) {
  if (!row.verdict) return !row.absolute || *row.absolute != 0;
  return *row.verdict != Verdict::pass || !row.why.empty();
}

std::string markdown_row(const ReportRow& row) {
  const auto verdict = row.verdict ? std::string(info_of(*row.verdict).name) : row.head_status;
  return fmt::format("| {} | `{}` | {} | {} | {} | {} |\n", verdict, short_name(row.cell),
                     side_text(row.base, row.base_status), side_text(row.head, row.head_status),
                     change_text(row), markdown_text(row.why));
}

std::string markdown_differences(const ReportTarget& target) {
  std::string text;
  for (const auto& one : target.differences) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", one.name, markdown_text(one.base),
                        markdown_text(one.head), one.may_differ ? "" : "forbids a comparison");
  }
  if (text.empty()) return text;
  return "\n<details><summary>What differs in the environments</summary>\n\n| fact | base | head | |\n"
         "|---|---|---|---|\n" +
         text + "\n</details>\n";
}

std::string markdown_target(const ReportTarget& target) {
  std::string text = fmt::format("\n### {}\n\n", target.title);
  if (target.verdict && !target.why.empty()) {
    text += fmt::format("**{}**: {}\n\n", info_of(*target.verdict).name, target.why);
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

std::string xml_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return escaped;
}

std::string row_story(const ReportRow& row) {
  auto text = fmt::format("{} -> {} {}", side_text(row.base, row.base_status),
                          side_text(row.head, row.head_status), unit_of(row.metric));
  if (const auto change = change_text(row); !change.empty()) text += ", " + change;
  return row.why.empty() ? text : text + ": " + row.why;
}

// Regressions and missing cells are failures; what could not be decided is an error: the test did not run.
std::string_view junit_outcome(Verdict verdict) {
  if (info_of(verdict).exit_code == ExitCode::regression) return "failure";
  return info_of(verdict).exit_code == ExitCode::unfit ? "error" : "";
}

std::string junit_case(const ReportTarget& target, const ReportRow& row) {
  auto text =
      fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_text(target.title), xml_text(row.cell));
  const auto verdict = row.verdict.value_or(Verdict::pass);
  const auto outcome = junit_outcome(verdict);
  if (!outcome.empty()) {
    return text + fmt::format(">\n      <{} type=\"{}\" message=\"{}\"/>\n    </testcase>\n", outcome,
                              info_of(verdict).name, xml_text(row_story(row)));
  }
  if (row.head_status == "measured") return text + "/>\n";
  return text + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", xml_text(row.why));
}

// A target that was not compared must not be a suite without failures.
std::string junit_target_case(const ReportTarget& target) {
  const auto verdict = target.verdict.value_or(Verdict::pass);
  if (target.why.empty() || junit_outcome(verdict).empty()) return {};
  return fmt::format(
      "    <testcase classname=\"{0}\" name=\"{0}\">\n      <{1} type=\"{2}\" message=\"{3}\"/>\n"
      "    </testcase>\n",
      xml_text(target.title), junit_outcome(verdict), info_of(verdict).name, xml_text(target.why));
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

// GitHub reads a command up to the end of the line.
std::string annotation_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    escaped += c == '%' ? "%25" : c == '\n' ? "%0A" : c == '\r' ? "%0D" : std::string(1, c);
  }
  return escaped;
}

std::string annotation(Verdict verdict, const std::string& story) {
  const auto code = info_of(verdict).exit_code;
  if (code == ExitCode::fine) return {};
  return fmt::format("::{} title=probebench {}::{}\n", code == ExitCode::regression ? "error" : "warning",
                     info_of(verdict).name, annotation_text(story));
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

std::string report_markdown(const Report& report) {
  const auto title = report.verdict ? fmt::format("gate: {}", info_of(*report.verdict).name) : "compare";
  std::string text =
      fmt::format("## probebench {}\n\nbase `{}`, head `{}`\n", title, report.base, report.head);
  for (const auto& note : report.notes) text += fmt::format("\n> {}\n", note);
  for (const auto& target : report.targets) text += markdown_target(target);
  return text;
}

std::string report_junit(const Report& report) {
  std::string suites;
  std::string all;
  for (const auto& target : report.targets) {
    std::string cases = junit_target_case(target);
    for (const auto* row : lead_rows(target)) cases += junit_case(target, *row);
    suites += fmt::format("  <testsuite name=\"{}\" {}>\n{}  </testsuite>\n", xml_text(target.title),
                          counts_of(cases), cases);
    all += cases;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"probebench\" {}>\n{}</testsuites>\n",
      counts_of(all), suites);
}

std::string report_selftest(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    text += fmt::format("# {}\n", target.title);
    for (const auto* row : lead_rows(target)) {
      if (!row->base || !row->head) continue;
      text += fmt::format("{:<40}: {} -> {} {} ({})\n", short_name(row->cell), plus_minus(*row->base),
                          plus_minus(*row->head), unit_of(row->metric), percent_text(row->relative));
    }
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

}  // namespace probebench
