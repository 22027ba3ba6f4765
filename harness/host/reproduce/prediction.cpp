// SPDX-License-Identifier: MIT
#include "reproduce/prediction.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "stats/hit_cost.h"
#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

constexpr double kPercent = 100;

using HitCosts = std::vector<stats::HitCost>;

HitCosts costs_of(const PerHit& per_hit) {
  HitCosts costs;
  for (const auto& row : per_hit.rows) costs.push_back({row.cell, row.state, row.per_hit});
  return costs;
}

double spread(const std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

std::vector<double> joined(std::vector<double> first, const std::vector<double>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// Sum of hits x cost; absent, with the reason, when a cost is not known.
std::optional<double> predicted_overhead(const WorkloadRow& row, const HitCosts& costs, HandlerChoice handler,
                                         std::string& note) {
  double sum = 0;
  for (const auto& hits : row.states) {
    if (hits.hits_per_op == 0) continue;
    const auto cost = stats::cost_of_hit(costs, {row.mechanism, hits.state, hits.prepared}, handler);
    if (!cost) {
      note = fmt::format("what a hit in state {} costs with {} was not measured", name_of(hits.state),
                         name_of(handler));
      return std::nullopt;
    }
    sum += hits.hits_per_op * *cost;
  }
  return sum;
}

double hits_per_op(const WorkloadRow& row) {
  double sum = 0;
  for (const auto& one : row.states) sum += one.hits_per_op;
  return sum;
}

void compare(PredictedRow& row, std::optional<double> predicted) {
  if (!predicted) return;
  row.predicted_slowdown = (row.base_per_op + *predicted) / row.base_per_op;
  const double overhead = row.armed_per_op - row.base_per_op;
  if (row.resolved) row.residual_percent = (*predicted - overhead) / overhead * kPercent;
  if (row.hits_per_op == 0) {
    row.note = "no probe is hit";
  } else if (!row.resolved) {
    row.note = "the overhead is too small for this clock to tell";
  }
}

PredictedRow predict_row(const WorkloadRow& told, std::vector<double> base, HandlerChoice handler,
                         const HitCosts& costs) {
  PredictedRow row{.told = told, .base = std::move(base), .hits_per_op = hits_per_op(told)};
  if (told.status != CellStatus::measured || told.armed_per_op.empty() || row.base.empty()) return row;
  row.base_per_op = stats::median(row.base);
  row.armed_per_op = stats::median(told.armed_per_op);
  row.slowdown = row.armed_per_op / row.base_per_op;
  row.resolution_per_op = std::max(spread(row.base), spread(told.armed_per_op));
  row.resolved = row.hits_per_op > 0 && row.armed_per_op - row.base_per_op > row.resolution_per_op;
  compare(row, predicted_overhead(told, costs, handler, row.note));
  return row;
}

// The baselines on both sides of a row: its own, and that of the next that was measured, or the last one.
std::vector<double> base_around(const Workload& workload, std::size_t index) {
  const auto& rows = workload.rows;
  for (std::size_t next = index + 1; next < rows.size(); ++next) {
    if (!rows[next].base_per_op.empty()) return joined(rows[index].base_per_op, rows[next].base_per_op);
  }
  return joined(rows[index].base_per_op, workload.base_after);
}

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
  return site.offset.value_or(0) == 0 && !goes_past_entry(site.probe_type);
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

// What was measured and is refused says more than what cannot be here.
std::string why_no_cost(const std::vector<CellRecord>& cells, const PredictSite& site) {
  std::string skipped;
  for (const auto& cell : cells) {
    if (cell.result.cell.probe_type != site.probe_type || cell.result.reason.empty()) continue;
    if (cell.result.status != CellStatus::skipped) return cell.result.reason;
    if (skipped.empty()) skipped = cell.result.reason;
  }
  if (!skipped.empty()) return skipped;
  return "no cell measured what its hit costs";
}

void multiply(SitePrediction& made) {
  if (!made.hits || !made.cost) return;
  made.per_run =
      Span{made.hits->value * made.cost->value, made.hits->low * made.cost->low * (1 - kSiteVariation),
           made.hits->high * made.cost->high * (1 + kSiteVariation)};
}

SitePrediction predict_site(const SiteCount& told, const std::vector<CellRecord>& cells) {
  SitePrediction made{.type = std::string(info_of(told.site.probe_type).name),
                      .place = told.site.place,
                      .told = told,
                      .hits = {},
                      .cost = {},
                      .per_run = {},
                      .reason = told.reason};
  if (told.status == CellStatus::measured) made.hits = span_of(told.hits);
  made.cost = cost_of(cells, told.site, true);
  if (!made.cost) made.cost = cost_of(cells, told.site, false);
  if (!made.cost && made.reason.empty()) made.reason = why_no_cost(cells, told.site);
  multiply(made);
  return made;
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& hits) {
  return std::accumulate(hits.begin(), hits.end(), std::uint64_t{0});
}

// What has hits and no price; empty: nothing.
std::string without_price(const std::vector<OwnCount>& counts, const OwnProbe& own) {
  for (const auto& one : counts) {
    const bool priced = std::ranges::find(own.priced, one.probe) != own.priced.end();
    if (priced || sum_of(one.hits) == 0) continue;
    return fmt::format(
        "the command hits {} {} times, and no operation of the workload does: its cost is not "
        "known",
        one.probe, one.hits.front());
  }
  for (const auto& one : counts) {
    if (one.missed == 0) continue;
    return fmt::format("{} missed {} hits of the command, which are not in the counts", one.probe,
                       one.missed);
  }
  return {};
}

// One cost is that of all programs together: where they are hit differently often, the least and the most
// bound it.
std::optional<Span> hits_of(const std::vector<OwnCount>& counts, const OwnProbe& own) {
  std::vector<std::uint64_t> most;
  std::vector<std::uint64_t> least;
  for (const auto& one : counts) {
    if (std::ranges::find(own.priced, one.probe) == own.priced.end()) continue;
    if (most.empty()) most = least = one.hits;
    for (std::size_t i = 0; i < std::min(most.size(), one.hits.size()); ++i) {
      most[i] = std::max(most[i], one.hits[i]);
      least[i] = std::min(least[i], one.hits[i]);
    }
  }
  auto span = span_of(most);
  if (span) span->low = span_of(least)->low;
  return span;
}

SitePrediction predict_own(const PredictCounts& counts, const OwnProbe& own) {
  SitePrediction made{.type = own.type,
                      .place = own.place,
                      .told = {.site = {}, .counted_by = {}, .status = counts.status},
                      .hits = {},
                      .cost = own.cost,
                      .per_run = {},
                      .reason = own.reason};
  if (counts.status == CellStatus::measured && !counts.own.empty()) {
    made.told.counted_by = counts.own.front().counted_by;
    made.hits = hits_of(counts.own, own);
  }
  if (made.reason.empty()) made.reason = without_price(counts.own, own);
  if (made.reason.empty()) multiply(made);
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

PredictedWorkload predict_workload(const Workload& workload, const PerHit& per_hit) {
  PredictedWorkload predicted{.told = workload};
  const auto costs = costs_of(per_hit);
  auto base = workload.base_after;
  for (std::size_t i = 0; i < workload.rows.size(); ++i) {
    const auto& row = workload.rows[i];
    base = joined(std::move(base), row.base_per_op);
    auto& rows = row.pruned == 0 ? predicted.rows : predicted.pruned;
    rows.push_back(predict_row(row, base_around(workload, i), workload.handler, costs));
  }
  if (!base.empty()) predicted.base_per_op = stats::median(base);
  return predicted;
}

CommandPrediction prediction_of(const PredictCounts& counts, const std::vector<CellRecord>& cells,
                                const std::optional<OwnProbe>& own) {
  CommandPrediction made{.told = counts, .base = span_of(counts.base), .sites = {}, .overhead_percent = {}};
  for (const auto& site : counts.sites) made.sites.push_back(predict_site(site, cells));
  if (own) made.sites.push_back(predict_own(counts, *own));
  if (!made.sites.empty()) made.overhead_percent = percent_of(made.sites, made.base);
  return made;
}

}  // namespace probebench::reproduce
