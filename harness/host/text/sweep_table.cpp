// SPDX-License-Identifier: MIT
#include "text/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/number_text.h"
#include "text/text.h"

namespace probebench::text {
namespace {

// The cell's name without its handler, in table order.
using RowKey = std::tuple<ProbeType, DriverId, SiteId>;

struct Sweep {
  std::set<HandlerChoice> handlers;
  std::map<RowKey, std::map<HandlerChoice, double>> costs;

  // The site is named where a probe type has several.
  std::string label(const RowKey& key) const {
    const auto type = std::get<ProbeType>(key);
    const auto same_type = [type](const auto& row) { return std::get<ProbeType>(row.first) == type; };
    if (std::ranges::count_if(costs, same_type) < 2) return std::string(info_of(type).name);
    return fmt::format("{}/{}", info_of(type).name, info_of(std::get<SiteId>(key)).name);
  }
};

Sweep collect(const std::vector<const CellRecord*>& rows, const Unit& unit) {
  Sweep sweep;
  for (const auto* row : rows) {
    const auto& metric = row->summary.*unit.metric;
    if (!metric || row->result.cell.threads != 1) continue;
    const auto& cell = row->result.cell;
    sweep.handlers.insert(cell.handler_choice());
    sweep.costs[{cell.probe_type, cell.driver, cell.site}][cell.handler_choice()] = metric->value;
  }
  return sweep;
}

std::string cost(const std::map<HandlerChoice, double>& costs, const HandlerChoice& handler) {
  const auto found = costs.find(handler);
  return found == costs.end() ? "-" : number_text(found->second);
}

}  // namespace

std::string sweep_table(const std::vector<const CellRecord*>& rows, const Unit& unit) {
  const auto sweep = collect(rows, unit);
  if (sweep.handlers.size() < kSweepHandlers) return {};
  std::vector<Column> columns{{"probe type", Align::left, {}}};
  for (const auto& handler : sweep.handlers) columns.push_back({name_of(handler), Align::right, {}});
  for (const auto& [key, costs] : sweep.costs) {
    columns[0].cells.push_back(sweep.label(key));
    std::size_t column = 1;
    for (const auto& handler : sweep.handlers) columns[column++].cells.push_back(cost(costs, handler));
  }
  return fmt::format("handlers, {}\n", unit.header) + layout(columns);
}

}  // namespace probebench::text
