// SPDX-License-Identifier: MIT
#include "text/sweep_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.h"
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

// The cell's name without its threads, in table order.
using ScalingKey = std::tuple<ProbeType, DriverId, SiteId, HandlerChoice>;

struct Scaling {
  std::set<std::uint32_t> threads;
  std::map<ScalingKey, std::map<std::uint32_t, double>> rates;  // hits per second of all threads
};

Scaling collect(const std::vector<const CellRecord*>& rows) {
  Scaling scaling;
  for (const auto* row : rows) {
    const auto& rate = row->summary.hits_per_second;
    if (!rate) continue;
    const auto& cell = row->result.cell;
    scaling.threads.insert(cell.threads);
    scaling.rates[{cell.probe_type, cell.driver, cell.site, cell.handler_choice()}][cell.threads] =
        rate->value;
  }
  return scaling;
}

// "2.08", and "3.95 1.9x" beside the fewest threads.
std::string rate_text(const std::map<std::uint32_t, double>& rates, std::uint32_t threads) {
  const auto found = rates.find(threads);
  if (found == rates.end()) return "-";
  auto text = fmt::format("{:.2f}", found->second / 1e6);
  if (found == rates.begin()) return text;
  return fmt::format("{} {:.1f}x", text, found->second / rates.begin()->second);
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

std::string scaling_table(const std::vector<const CellRecord*>& rows) {
  const auto scaling = collect(rows);
  if (scaling.threads.size() < 2) return {};
  std::vector<Column> columns{
      {"probe type", Align::left, {}}, {"site", Align::left, {}}, {"handler", Align::left, {}}};
  for (const auto number : scaling.threads) columns.push_back({std::to_string(number), Align::right, {}});
  for (const auto& [key, rates] : scaling.rates) {
    columns[0].cells.emplace_back(info_of(std::get<ProbeType>(key)).name);
    columns[1].cells.emplace_back(info_of(std::get<SiteId>(key)).name);
    columns[2].cells.push_back(name_of(std::get<HandlerChoice>(key)));
    std::size_t column = 3;
    for (const auto number : scaling.threads) columns[column++].cells.push_back(rate_text(rates, number));
  }
  return "million hits per second, calls included, by threads\n" + layout(columns);
}

}  // namespace probebench::text
