// SPDX-License-Identifier: MIT
#include "text/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <span>

#include "base/text.h"
#include "stats/summarise.h"
#include "text/sweep_table.h"
#include "text/text.h"

namespace probebench::text {
namespace {

using Rows = std::vector<const CellRecord*>;

constexpr std::size_t kShownBytes = 5;  // as long as a jump or a call
constexpr double kSaysNothing = 10;     // a ratio that is uncertain by this factor

std::string hex(const Bytes& bytes) {
  if (bytes.empty()) return "-";
  const std::span<const std::uint8_t> shown(bytes.data(), std::min(bytes.size(), kShownBytes));
  return fmt::format("{:02x}", fmt::join(shown, " "));
}

std::string cost_text(const CellRecord& row, const Unit& unit) {
  const auto& metric = row.summary.*unit.metric;
  if (!metric) return was_measured(&row) ? "no figure" : std::string(name_of(row.result.status));
  if (metric->metric_class == MetricClass::exact) return number_text(metric->value);
  return is_too_noisy(*metric) ? "too noisy" : interval_text(*metric);
}

// Ratio to the cheapest row. For noisy figures an interval: the extreme quotients of the two intervals. It is
// conservative and assumes nothing about how the rows are correlated.
std::string ratio_text(const CellRecord& row, const Unit& unit, const CellRecord* cheapest) {
  const auto* metric = figure_of(row, unit);
  if (metric == nullptr || cheapest == nullptr || (cheapest->summary.*unit.metric)->low <= 0) return "-";
  const auto& unity = *(cheapest->summary.*unit.metric);
  const double low = std::max(0.0, metric->low / unity.high), high = metric->high / unity.low;
  const bool exact = metric->metric_class == MetricClass::exact && unity.metric_class == MetricClass::exact;
  if (exact || &row == cheapest) return fmt::format("{:.1f}x", metric->value / unity.value);
  if (high > kSaysNothing * low) return "?";
  return high < 10 ? fmt::format("{:.2f}-{:.2f}x", low, high) : fmt::format("{:.1f}-{:.1f}x", low, high);
}

// nullptr when nothing was measured.
const CellRecord* cheapest_of(const Rows& rows, const Unit& unit) {
  const CellRecord* cheapest = nullptr;
  for (const auto* row : rows) {
    const auto* metric = figure_of(*row, unit);
    if (metric == nullptr) continue;
    if (cheapest == nullptr || metric->value < (cheapest->summary.*unit.metric)->value) cheapest = row;
  }
  return cheapest;
}

std::string state_text(const CellResult& result) {
  return result.status == CellStatus::errored ? "-" : std::string(name_of(result.evidence.state));
}

std::string table_of(const Rows& rows, const Unit& unit, const CellNames& names) {
  std::vector<Column> columns{{"probe type", Align::left, {}}, {"state", Align::left, {}},
                              {"bytes", Align::left, {}},      {std::string(unit.header), Align::right, {}},
                              {"ratio", Align::right, {}},     {"hits", Align::right, {}},
                              {"missed", Align::right, {}}};
  const auto* cheapest = cheapest_of(rows, unit);
  for (const auto* row : rows) {
    const auto hits = stats::tally_hits(row->result.rounds);
    add_row(columns, {names.probe(row->result.cell), state_text(row->result), hex(row->result.evidence.armed),
                      cost_text(*row, unit), ratio_text(*row, unit, cheapest), std::to_string(hits.counted),
                      std::to_string(hits.missed)});
  }
  return layout(columns);
}

bool is_shown(const CellRecord& row) {
  return row.result.status != CellStatus::skipped;
}

// What rows that are compared with one another have in common.
struct Conditions {
  HandlerChoice handler;
  std::uint32_t threads = 1;

  std::string title() const {
    const auto by = threads == 1 ? std::string() : fmt::format(", {} threads", threads);
    return fmt::format("handler {}{}\n", name_of(handler), by);
  }
  auto operator<=>(const Conditions&) const = default;
};

// In the order of the handlers' table.
std::map<Conditions, Rows> rows_by_conditions(const Rows& rows) {
  std::map<Conditions, Rows> groups;
  for (const auto* row : rows) {
    const auto& cell = row->result.cell;
    if (is_shown(*row)) groups[{cell.handler_choice(), cell.threads}].push_back(row);
  }
  return groups;
}

// One table for each handler and number of threads: a ratio across them would compare different things.
std::string tables_of(const Rows& rows, const Unit& unit, const CellNames& names) {
  const auto groups = rows_by_conditions(rows);
  std::string text;
  for (const auto& [conditions, members] : groups) {
    if (!text.empty()) text += "\n";
    if (groups.size() > 1) text += conditions.title();
    text += table_of(members, unit, names);
  }
  for (const auto& more : {sweep_table(rows, unit), scaling_table(rows)}) {
    if (!more.empty()) text += "\n" + more;
  }
  return text;
}

// Each once, in the order of the first.
void add_new(std::vector<std::string>& names, std::string name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

// Their names; where every one of them is there under all conditions, "a, b with map, record".
std::string joined_names(const Rows& rows, const CellNames& names) {
  std::vector<std::string> full, probes, conditions;
  for (const auto* row : rows) {
    // Handlers of which no row is shown are not told apart.
    add_new(full, names.full(row->result.cell));
    add_new(probes, names.probe(row->result.cell));
    add_new(conditions, names.conditions(row->result.cell));
  }
  if (conditions.size() < 2 || probes.size() * conditions.size() != full.size()) {
    return fmt::format("{}", fmt::join(full, ", "));
  }
  return fmt::format("{} with {}", fmt::join(probes, ", "), fmt::join(conditions, ", "));
}

// What many rows have in common is said once.
std::string reasons(const Rows& rows, CellStatus status, const CellNames& names) {
  std::vector<std::pair<std::string, Rows>> groups;
  for (const auto* row : rows) {
    if (row->result.status != status) continue;
    const auto reason = reason_of(row->result);
    auto group = std::ranges::find(groups, reason, [](const auto& one) { return one.first; });
    if (group == groups.end()) group = groups.insert(groups.end(), {reason, {}});
    group->second.push_back(row);
  }
  std::string text;
  for (const auto& [reason, members] : groups) {
    text += wrapped(fmt::format("{} ", name_of(status)),
                    fmt::format("{}: {}", joined_names(members, names), reason), 2);
  }
  return text;
}

// Counts that should have been exact, rounds left out, figures that are none, and the like.
std::string note_of(const CellRecord& row, const Unit& unit) {
  const auto& metric = row.summary.*unit.metric;
  const bool lacks_figure = was_measured(&row) && figure_of(row, unit) == nullptr;
  std::string note = lacks_figure ? why_no_figure(row, unit) : std::string();
  if (!metric || metric->note.empty() || metric->note == unit.known_note) return note;
  return note.empty() ? metric->note : note + "; " + metric->note;
}

std::string notes(const Rows& rows, const Unit& unit, const CellNames& names) {
  std::string text;
  for (const auto* row : rows) {
    const auto note = note_of(*row, unit);
    if (!note.empty()) text += wrapped(fmt::format("note {}: ", names.full(row->result.cell)), note, 2);
  }
  return text;
}

// What rows among all functions were among.
std::string crowds(const Rows& rows, ClockKind clock, const CellNames& names) {
  std::string text;
  for (const auto* row : rows) {
    const auto& crowd = row->result.evidence.crowd;
    if (!crowd) continue;
    const auto million = static_cast<double>(crowd->attach_ticks) / 1e6;
    text += wrapped(fmt::format("note {}: ", names.full(row->result.cell)),
                    fmt::format("among {} other functions with an empty one, attached in {:.0f} million {}",
                                crowd->functions, million, info_of(clock).unit),
                    2);
  }
  return text;
}

std::string target_text(const RunRecord& record, const TargetRecord& target) {
  Rows rows;
  for (const auto& cell : record.cells) {
    if (cell.target == target.info.id) rows.push_back(&cell);
  }
  const Unit unit = unit_for(target.info, rows);
  CellNames names;
  for (const auto* row : rows) names.add(row->result.cell, is_shown(*row));
  std::string below = reasons(rows, CellStatus::invalid, names) + reasons(rows, CellStatus::errored, names) +
                      reasons(rows, CellStatus::skipped, names) + notes(rows, unit, names) +
                      crowds(rows, target.info.clock.value_or(ClockKind::tsc), names);
  std::string above = tables_of(rows, unit, names);
  for (auto* part : {&above, &below}) {
    if (!part->empty()) *part += "\n";
  }
  const auto foreign = foreign_work(target.info);
  const auto warning = foreign.empty() ? std::string() : wrapped("warning: ", foreign, 2);
  return above + below + warning + wrapped("", machine_and_unit(target.info, unit), 0);
}

std::string incomplete_text(const TargetRecord& target) {
  if (target.ended.empty() && target.not_run.empty()) return {};
  std::string text =
      wrapped("\nended early: ", target.ended.empty() ? "not every cell was measured" : target.ended, 2);
  if (target.in_flight) text += wrapped("being measured: ", *target.in_flight, 2);
  if (!target.not_run.empty()) {
    text += wrapped("not measured: ", fmt::format("{}", fmt::join(target.not_run, " ")), 2);
  }
  return text;
}

}  // namespace

std::string table(const RunRecord& record) {
  std::string text;
  for (const auto& target : record.targets) text += target_text(record, target) + incomplete_text(target);
  return text;
}

std::string failed_cells(const RunRecord& record) {
  std::string text;
  for (const auto& cell : record.cells) {
    const auto& result = cell.result;
    if (result.status != CellStatus::errored && result.status != CellStatus::invalid) continue;
    text += fmt::format("{} is {}: {}\n", result.cell.name(), name_of(result.status), result.reason);
  }
  return text;
}

}  // namespace probebench::text
