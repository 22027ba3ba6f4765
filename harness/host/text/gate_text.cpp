// SPDX-License-Identifier: MIT
#include "text/gate_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

using ReportRows = std::vector<const gate::ReportRow*>;

constexpr std::size_t kShownDigits = 12;  // of a SHA-256

// "kprobe-optimized/module/mid/nop" -> "kprobe-optimized/mid/nop"
std::string without_driver(const std::string& name) {
  std::string kept;
  const auto parts = split(name, '/');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == 1 && parts.size() > 2) continue;
    if (!kept.empty()) kept += '/';
    kept += parts[i];
  }
  return kept;
}

// Cells as short as they stay different.
class Names {
 public:
  explicit Names(const gate::ReportTarget& target) {
    std::map<std::string, std::set<std::string>> full;
    for (const auto& row : target.rows) full[without_driver(row.cell)].insert(row.cell);
    drivers_matter_ = std::ranges::any_of(full, [](const auto& entry) { return entry.second.size() > 1; });
  }
  std::string of(const gate::ReportRow& row) const {
    return drivers_matter_ ? gate::short_name(row.cell) : without_driver(gate::short_name(row.cell));
  }

 private:
  bool drivers_matter_ = false;
};

// Counts differ by so many; times by something in a range.
std::string difference_of(const gate::ReportRow& row) {
  if (!row.absolute) return "";
  if (row.exact || !row.relative_range) return signed_number(*row.absolute);
  return fmt::format("{:+.1f}..{:+.1f} %", 100 * row.relative_range->low, 100 * row.relative_range->high);
}

std::string change_of(const gate::ReportRow& row) {
  if (!row.absolute || (row.exact && *row.absolute == 0)) return "";
  return gate::percent_text(row.relative);
}

std::string unit_header(const ReportRows& rows) {
  for (const auto* row : rows) {
    if (!row->metric.empty()) return std::string(gate::unit_of(row->metric));
  }
  return "difference";
}

// The table's lines, each row followed by what its figures do not say.
std::string rows_text(const ReportRows& rows, const Names& names) {
  std::vector<Column> columns{{"cell", Align::left, {}},
                              {"base", Align::right, {}},
                              {"head", Align::right, {}},
                              {unit_header(rows), Align::right, {}},
                              {"change", Align::right, {}}};
  for (const auto* row : rows) {
    add_row(columns, {names.of(*row), gate::side_text(row->base, row->base_status),
                      gate::side_text(row->head, row->head_status), difference_of(*row), change_of(*row)});
  }
  const auto table = layout(columns);
  const auto lines = split(table, '\n');
  std::string text = fmt::format("{}\n", lines[0]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += fmt::format("{}\n", lines[i + 1]);
    if (!rows[i]->why.empty()) text += wrapped("    ", rows[i]->why, 4);
  }
  return text;
}

std::string shown_fact(const std::string& value) {
  if (value.empty()) return "unknown";
  const bool digest = value.size() == 64 && value.find_first_not_of("0123456789abcdef") == std::string::npos;
  return digest ? value.substr(0, kShownDigits) + ".." : value;
}

std::string differences_text(const gate::ReportTarget& target) {
  std::string text;
  std::vector<std::string> minor;
  for (const auto& one : target.differences) {
    if (!one.identifies) {
      minor.push_back(one.name);
      continue;
    }
    const auto line = fmt::format("{}: {} -> {}{}", one.name, shown_fact(one.base), shown_fact(one.head),
                                  one.may_differ ? "" : "  (forbids a comparison)");
    text += wrapped("differs: ", line, 9);
  }
  if (!minor.empty())
    text += wrapped("differs, decides nothing: ", fmt::format("{}", fmt::join(minor, ", ")), 9);
  return text;
}

ReportRows rows_with(const ReportRows& rows, gate::Verdict verdict) {
  ReportRows chosen;
  for (const auto* row : rows) {
    // What passed is only counted, unless there is something to say of it.
    const bool silent =
        verdict == gate::Verdict::skipped || (verdict == gate::Verdict::pass && row->why.empty());
    if (row->verdict == verdict && !silent) chosen.push_back(row);
  }
  return chosen;
}

std::string counts_text(const ReportRows& rows) {
  std::vector<std::string> counts;
  for (const auto& info : gate::kVerdicts) {
    const auto count =
        std::ranges::count_if(rows, [&](const gate::ReportRow* row) { return row->verdict == info.id; });
    if (count != 0) counts.push_back(fmt::format("{} {}", count, info.name));
  }
  return fmt::format("{} cell{}: {}\n", rows.size(), rows.size() == 1 ? "" : "s", fmt::join(counts, ", "));
}

std::string judged_text(const gate::ReportTarget& target, const Names& names) {
  const auto rows = gate::lead_rows(target);
  std::string text;
  for (const auto& info : gate::kVerdicts) {
    const auto chosen = rows_with(rows, info.id);
    if (chosen.empty()) continue;
    text += fmt::format("\n{}: {}\n", info.name, info.meaning);
    text += rows_text(chosen, names);
  }
  if (!target.why.empty()) {
    text += wrapped("\n" + std::string(gate::info_of(*target.verdict).name) + ": ", target.why, 4);
  }
  return rows.empty() ? text : text + "\n" + counts_text(rows);
}

std::string target_text(const gate::ReportTarget& target) {
  const Names names(target);
  auto text = "\n" + wrapped("", target.title, 4) + differences_text(target);
  if (target.verdict) return text + judged_text(target, names);
  return text + "\n" + rows_text(gate::lead_rows(target), names);
}

}  // namespace

std::string gate_text(const gate::Report& report) {
  std::string text;
  if (report.verdict) {
    const auto& info = gate::info_of(*report.verdict);
    text += fmt::format("gate: {} (exit {})\n", info.name, static_cast<int>(info.exit_code));
  }
  text += fmt::format("base: {}\nhead: {}\n", report.base, report.head);
  for (const auto& target : report.targets) text += target_text(target);
  for (const auto& note : report.notes) text += "\n" + wrapped("", note, 0);
  return text;
}

}  // namespace probebench::text
