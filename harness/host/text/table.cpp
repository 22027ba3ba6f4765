// SPDX-License-Identifier: MIT
#include "text/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/number_text.h"
#include "stats/hit_tally.h"
#include "text/scaling_table.h"
#include "text/sweep_table.h"
#include "text/text.h"
#include "text/unit.h"

namespace probebench {
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
  if (!metric) return std::string(name_of(row.result.status));
  if (metric->metric_class == MetricClass::exact) return number_text(metric->value);
  const double half = std::max(metric->high - metric->value, metric->value - metric->low);
  // No digits beyond what the interval leaves certain.
  if (half >= 10) return fmt::format("{:.0f} ±{:.0f}", metric->value, half);
  return fmt::format("{:.1f} ±{:.1f}", metric->value, half);
}

// To the cheapest row. Of noisy figures its interval: the two intervals' extreme quotients, which is wider
// than it need be and assumes nothing of how the rows hang together.
std::string ratio_text(const CellRecord& row, const Unit& unit, const CellRecord* cheapest) {
  const auto& metric = row.summary.*unit.metric;
  if (!metric || cheapest == nullptr || (cheapest->summary.*unit.metric)->low <= 0) return "-";
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
    const auto& metric = row->summary.*unit.metric;
    if (!metric) continue;
    if (cheapest == nullptr || metric->value < (cheapest->summary.*unit.metric)->value) cheapest = row;
  }
  return cheapest;
}

std::string state_text(const CellResult& result) {
  return result.status == CellStatus::errored ? "-" : std::string(name_of(result.evidence.state));
}

// Names rows by what tells them apart: the site where a probe type has several, the handler where there are
// several.
class RowNames {
 public:
  explicit RowNames(const Rows& rows) {
    for (const auto* row : rows) {
      const auto& cell = row->result.cell;
      sites_[cell.probe_type].insert(cell.site);
      if (row->result.status == CellStatus::skipped) continue;
      handlers_.insert(cell.handler_choice());
      threads_.insert(cell.threads);
    }
  }
  std::string without_handler(const CellRecord& row) const {
    const auto& cell = row.result.cell;
    const auto type = info_of(cell.probe_type).name;
    if (sites_.at(cell.probe_type).size() < 2) return std::string(type);
    return fmt::format("{}/{}", type, info_of(cell.site).name);
  }
  // Handler and threads, as far as the rows differ in them; may be empty.
  std::string work(const CellRecord& row) const {
    std::vector<std::string> parts;
    if (handlers_.size() > 1) parts.push_back(name_of(row.result.cell.handler_choice()));
    if (threads_.size() > 1) parts.push_back(fmt::format("threads:{}", row.result.cell.threads));
    return fmt::format("{}", fmt::join(parts, "/"));
  }
  std::string full(const CellRecord& row) const {
    const auto what = work(row);
    return what.empty() ? without_handler(row) : without_handler(row) + "/" + what;
  }

 private:
  std::map<ProbeType, std::set<SiteId>> sites_;
  std::set<HandlerChoice> handlers_;  // of rows that are shown
  std::set<std::uint32_t> threads_;   // likewise
};

std::string table_of(const Rows& rows, const Unit& unit, const RowNames& names) {
  std::vector<Column> columns{{"probe type", Align::left, {}}, {"state", Align::left, {}},
                              {"bytes", Align::left, {}},      {std::string(unit.header), Align::right, {}},
                              {"ratio", Align::right, {}},     {"hits", Align::right, {}},
                              {"missed", Align::right, {}}};
  const auto* cheapest = cheapest_of(rows, unit);
  for (const auto* row : rows) {
    const auto hits = stats::tally_hits(row->result.rounds);
    const std::vector<std::string> cells{names.without_handler(*row),      state_text(row->result),
                                         hex(row->result.evidence.armed),  cost_text(*row, unit),
                                         ratio_text(*row, unit, cheapest), std::to_string(hits.counted),
                                         std::to_string(hits.missed)};
    for (std::size_t i = 0; i < cells.size(); ++i) columns[i].cells.push_back(cells[i]);
  }
  return layout(columns);
}

bool is_shown(const CellRecord& row) {
  return row.result.status != CellStatus::skipped;
}

// What rows that are compared with one another have in common.
struct Work {
  HandlerChoice handler;
  std::uint32_t threads = 1;

  std::string title() const {
    const auto by = threads == 1 ? std::string() : fmt::format(", {} threads", threads);
    return fmt::format("handler {}{}\n", name_of(handler), by);
  }
  auto operator<=>(const Work&) const = default;
};

// In the order of the handlers' table.
std::map<Work, Rows> rows_by_work(const Rows& rows) {
  std::map<Work, Rows> groups;
  for (const auto* row : rows) {
    const auto& cell = row->result.cell;
    if (is_shown(*row)) groups[{cell.handler_choice(), cell.threads}].push_back(row);
  }
  return groups;
}

// One table for each kind of work: a ratio across kinds would compare different things.
std::string tables_of(const Rows& rows, const Unit& unit, const RowNames& names) {
  const auto groups = rows_by_work(rows);
  std::string text;
  for (const auto& [work, members] : groups) {
    if (!text.empty()) text += "\n";
    if (groups.size() > 1) text += work.title();
    text += table_of(members, unit, names);
  }
  for (const auto& more : {sweep_table(rows, unit), scaling_table(rows)}) {
    if (!more.empty()) text += "\n" + more;
  }
  return text;
}

std::string reason_of(const CellResult& result) {
  if (result.provided_by.empty()) return result.reason;
  return fmt::format("{} (needs {})", result.reason, result.provided_by);
}

// Each once, in the order of the first.
void add_new(std::vector<std::string>& names, std::string name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
}

// Their names; where every one of them is there with every work, "a, b with map, record".
std::string joined_names(const Rows& rows, const RowNames& names) {
  std::vector<std::string> full, sites, works;
  for (const auto* row : rows) {
    full.push_back(names.full(*row));
    add_new(sites, names.without_handler(*row));
    add_new(works, names.work(*row));
  }
  if (works.size() < 2 || sites.size() * works.size() != full.size()) {
    return fmt::format("{}", fmt::join(full, ", "));
  }
  return fmt::format("{} with {}", fmt::join(sites, ", "), fmt::join(works, ", "));
}

// What many rows have in common is said once.
std::string reasons(const Rows& rows, CellStatus status, const RowNames& names) {
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

// Counts that should have been exact, rounds left out and the like.
std::string notes(const Rows& rows, const Unit& unit, const RowNames& names) {
  std::string text;
  for (const auto* row : rows) {
    const auto& metric = row->summary.*unit.metric;
    if (!metric || metric->note.empty() || metric->note == unit.known_note) continue;
    text += wrapped(fmt::format("note {}: ", names.full(*row)), metric->note, 2);
  }
  return text;
}

std::string target_text(const RunRecord& record, const TargetRecord& target) {
  Rows rows;
  for (const auto& cell : record.cells) {
    if (cell.target == target.info.id) rows.push_back(&cell);
  }
  const Unit& unit = unit_for(target.info, rows);
  const RowNames names(rows);
  std::string below = reasons(rows, CellStatus::invalid, names) + reasons(rows, CellStatus::errored, names) +
                      reasons(rows, CellStatus::skipped, names) + notes(rows, unit, names);
  std::string above = tables_of(rows, unit, names);
  for (auto* part : {&above, &below}) {
    if (!part->empty()) *part += "\n";
  }
  return above + below + wrapped("", machine_and_unit(target.info, unit), 0);
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

}  // namespace probebench
