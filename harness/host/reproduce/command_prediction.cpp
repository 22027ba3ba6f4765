// SPDX-License-Identifier: MIT
#include "reproduce/command_prediction.h"

#include <fmt/format.h>

#include <algorithm>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

constexpr double kPercent = 100;

template <typename Number>
std::optional<Span> span_of(const std::vector<Number>& values) {
  if (values.empty()) return std::nullopt;
  const std::vector<double> numbers(values.begin(), values.end());
  const auto [low, high] = std::ranges::minmax(numbers);
  return Span{stats::median(numbers), low, high};
}

const Metric* metric_of(const CellRecord& cell) {
  if (cell.result.status != CellStatus::measured) return nullptr;
  const auto& metric = by_clock(cell.summary);
  return metric ? &*metric : nullptr;
}

// A function without an offset is probed at its entry by the types that have entry sites; behind it by
// others.
bool at_entry(const PredictSite& site) {
  return site.place.find('+') == std::string::npos && !goes_past_entry(site.probe_type);
}

bool fits(const CellRecord& cell, const PredictSite& site) {
  if (cell.result.cell.probe_type != site.probe_type) return false;
  if (place_kind(site.probe_type) != PlaceKind::function) return true;
  const auto where = cell.result.cell.site;
  const bool mid = where == SiteId::mid || where == SiteId::mid_step || where == SiteId::mid_emulated;
  return mid != at_entry(site);
}

// All cells that the site may turn out to be like: the dearest and the cheapest bound the interval.
std::optional<Span> cost_of(const std::vector<CellRecord>& cells, const PredictSite& site, bool strict) {
  std::optional<Span> cost;
  for (const auto& cell : cells) {
    const auto* metric = metric_of(cell);
    const bool matches = strict ? fits(cell, site) : cell.result.cell.probe_type == site.probe_type;
    if (metric == nullptr || !matches) continue;
    if (!cost) cost = Span{metric->value, metric->low, metric->high};
    cost->low = std::min(cost->low, metric->low);
    cost->high = std::max(cost->high, metric->high);
  }
  return cost;
}

std::string why_no_cost(const std::vector<CellRecord>& cells, const PredictSite& site) {
  for (const auto& cell : cells) {
    if (cell.result.cell.probe_type == site.probe_type && !cell.result.reason.empty())
      return cell.result.reason;
  }
  return "no cell measured what its hit costs";
}

SitePrediction predict_site(const SiteCount& told, const std::vector<CellRecord>& cells) {
  SitePrediction made{.told = told, .hits = {}, .cost = {}, .per_run = {}, .reason = told.reason};
  if (told.status == CellStatus::measured) made.hits = span_of(told.hits);
  made.cost = cost_of(cells, told.site, true);
  if (!made.cost) made.cost = cost_of(cells, told.site, false);
  if (!made.cost && made.reason.empty()) made.reason = why_no_cost(cells, told.site);
  if (!made.hits || !made.cost) return made;
  made.per_run =
      Span{made.hits->value * made.cost->value, made.hits->low * made.cost->low * (1 - kSiteVariation),
           made.hits->high * made.cost->high * (1 + kSiteVariation)};
  return made;
}

// The largest overhead over the shortest run, and the smallest over the longest.
std::optional<Span> percent_of(const std::vector<SitePrediction>& sites, const std::optional<Span>& base) {
  if (!base || base->low <= 0) return std::nullopt;
  Span sum;
  for (const auto& site : sites) {
    if (!site.per_run) return std::nullopt;
    sum.value += site.per_run->value;
    sum.low += site.per_run->low;
    sum.high += site.per_run->high;
  }
  return Span{sum.value / base->value * kPercent, sum.low / base->high * kPercent,
              sum.high / base->low * kPercent};
}

}  // namespace

CommandPrediction prediction_of(const PredictCounts& counts, const std::vector<CellRecord>& cells) {
  CommandPrediction made{.told = counts, .base = span_of(counts.base), .sites = {}, .overhead_percent = {}};
  for (const auto& site : counts.sites) made.sites.push_back(predict_site(site, cells));
  if (!made.sites.empty()) made.overhead_percent = percent_of(made.sites, made.base);
  return made;
}

}  // namespace probebench::reproduce
