// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "gate/export.h"

namespace probebench::gate {
namespace {

// A bar would end a table's cell.
std::string markdown_text(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, 1, '\\');
  return text;
}

bool is_news(const ReportRow& row) {
  if (!row.verdict) return !row.absolute || *row.absolute != 0;
  return *row.verdict < Verdict::pass || (*row.verdict == Verdict::pass && !row.why.empty());
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

}  // namespace

std::string report_markdown(const Report& report) {
  const auto title = report.verdict ? fmt::format("gate: {}", info_of(*report.verdict).name) : "compare";
  std::string text =
      fmt::format("## probebench {}\n\nbase `{}`, head `{}`\n", title, report.base, report.head);
  for (const auto& note : report.notes) text += fmt::format("\n> {}\n", note);
  for (const auto& target : report.targets) text += markdown_target(target);
  return text;
}

}  // namespace probebench::gate
