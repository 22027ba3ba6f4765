// SPDX-License-Identifier: MIT
#include "text/tree_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

constexpr std::size_t kShortId = 8;
constexpr std::size_t kColumnsOfATable = 6;

std::string changes_text(const gate::Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    for (const auto* row : gate::lead_rows(target)) {
      const bool changed = row->absolute && *row->absolute != 0;
      if (changed) text += wrapped("  ", gate::short_name(row->cell) + ": " + gate::row_story(*row), 4);
    }
  }
  return text;
}

std::string outcome_text(const tree::Bisection& bisection) {
  if (bisection.culprit) {
    return wrapped("first bad commit: ", bisection.culprit->title(), 4) + changes_text(bisection.report);
  }
  if (bisection.candidates.empty()) {
    return wrapped(
        "", fmt::format("no cell differs between {} and {}", bisection.good.title(), bisection.bad.title()),
        4);
  }
  std::string text = "the first bad commit is one of these; the others of them could not be measured:\n";
  for (const auto& commit : bisection.candidates) text += wrapped("  ", commit.title(), 4);
  return text + changes_text(bisection.report);
}

std::string step_text(const tree::BisectStep& step) {
  constexpr std::array<const char*, 3> kWords{"good", "bad ", "skip"};
  const auto title = step.commit.title() + (step.why.empty() ? "" : ": " + step.why);
  return wrapped(fmt::format("  {} ", kWords[static_cast<std::size_t>(step.verdict)]), title, 7);
}

// In the table, where `columns` of the commits are.
std::string value_text(const tree::SeriesRow& row, std::size_t column) {
  const auto& value = row.values.at(column);
  if (!value) return "-";
  const auto* before = row.before(column);
  if (before == nullptr || *before == *value) return number_text(*value);
  return fmt::format("{} {}", number_text(*value), signed_number(*value - *before));
}

std::string table_of(const tree::Series& series, std::size_t first, std::size_t last) {
  std::vector<Column> columns{{"cell", Align::left, {}}};
  for (auto i = first; i < last; ++i) {
    columns.push_back({series.measured[i].id.substr(0, kShortId), Align::right, {}});
  }
  for (const auto& row : series.rows) {
    std::vector<std::string> fields{gate::short_name(row.cell) + (row.follows_layout ? " *" : "")};
    for (auto i = first; i < last; ++i) fields.push_back(value_text(row, i));
    add_row(columns, fields);
  }
  return layout(columns);
}

std::string commits_text(const tree::Series& series) {
  std::string text;
  for (const auto& commit : series.measured) text += wrapped("  ", commit.title(), 4);
  for (const auto& [commit, why] : series.left_out) text += wrapped("  ", commit.title() + ": " + why, 4);
  return text;
}

// What the control says of the rows above.
std::string layout_text(const tree::Series& series) {
  if (!series.padded || series.rows.empty()) return {};
  const bool marked = std::ranges::any_of(series.rows, &tree::SeriesRow::follows_layout);
  return marked ? "* padding alone moves it, too: layout, not code\n" : "padding alone moves none of them\n";
}

}  // namespace

std::string bisect_text(const tree::Bisection& bisection) {
  auto text = outcome_text(bisection);
  if (bisection.steps.empty()) return text;
  text += fmt::format("\n{} step{} on {}:\n", bisection.steps.size(), bisection.steps.size() == 1 ? "" : "s",
                      fmt::join(bisection.cells, ", "));
  for (const auto& step : bisection.steps) text += step_text(step);
  return text;
}

std::string series_text(const tree::Series& series) {
  std::string text;
  for (std::size_t first = 0; first < series.measured.size() && !series.rows.empty();
       first += kColumnsOfATable) {
    text += table_of(series, first, std::min(series.measured.size(), first + kColumnsOfATable)) + "\n";
  }
  text += fmt::format("{} of {} cells change\n", series.rows.size(), series.rows.size() + series.unchanged);
  return text + layout_text(series) + commits_text(series);
}

}  // namespace probebench::text
