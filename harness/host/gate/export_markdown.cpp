// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "gate/export.h"

namespace probebench::gate {
namespace {

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

}  // namespace

std::string report_markdown(const Report& report) {
  const auto title = report.verdict ? fmt::format("gate: {}", info_of(*report.verdict).name) : "compare";
  std::string text = fmt::format("## probebench {}\n\nbase `{}`, head `{}`\n", title,
                                 escaped_for_code_span(report.base), escaped_for_code_span(report.head));
  for (const auto& note : report.notes) text += fmt::format("\n> {}\n", escaped_for_markdown(note));
  for (const auto& target : report.targets) text += markdown_target(target);
  return text;
}

}  // namespace probebench::gate
