// SPDX-License-Identifier: MIT
#include "reproduce/prediction.h"

#include <fmt/format.h>

#include <algorithm>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

constexpr double kPercent = 100;

double spread(const std::vector<double>& values) {
  if (values.empty()) return 0;
  const auto [low, high] = std::ranges::minmax(values);
  return high - low;
}

std::vector<double> joined(std::vector<double> first, const std::vector<double>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// A cell of the type, wherever its calls come from; the helper module's own loop first.
std::optional<double> cost_in(const PerHit& per_hit, ProbeType type, HandlerChoice handler,
                              std::optional<ProbeState> state = {}) {
  const PerHitRow* best = nullptr;
  for (const auto& row : per_hit.rows) {
    if (row.cell.probe_type != type || row.cell.handler_choice() != handler) continue;
    if (state && row.state != *state) continue;
    if (best == nullptr || row.cell.driver == DriverId::module) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  return best->per_hit;
}

std::optional<double> first_of(std::initializer_list<std::optional<double>> costs) {
  for (const auto& cost : costs) {
    if (cost) return cost;
  }
  return std::nullopt;
}

// int3: at a site with a prepared detour the aggregate loops over its handlers. The cell on `mid` includes
// that loop, the one on `mid-step` does not.
std::optional<double> int3_cost(const PerHit& per_hit, const StateHits& hits, HandlerChoice handler) {
  const auto prepared = cost_in(per_hit, ProbeType::kprobe_unoptimized, handler, hits.state);
  const auto plain = hits.state == ProbeState::stepped ? cost_in(per_hit, ProbeType::kprobe_stepped, handler)
                                                       : cost_in(per_hit, ProbeType::kprobe_boosted, handler);
  return hits.prepared ? first_of({prepared, plain}) : first_of({plain, prepared});
}

// Sum of hits x cost; absent, with the reason, when a cost is not known.
std::optional<double> predicted_overhead(const WorkloadRow& row, const PerHit& per_hit, HandlerChoice handler,
                                         std::string& note) {
  double sum = 0;
  for (const auto& hits : row.states) {
    if (hits.hits_per_op == 0) continue;
    const auto cost = cost_of_hit(per_hit, row.mechanism, hits, handler);
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
                         const PerHit& per_hit) {
  PredictedRow row{.told = told, .base = std::move(base), .hits_per_op = hits_per_op(told)};
  if (told.status != CellStatus::measured || told.armed_per_op.empty() || row.base.empty()) return row;
  row.base_per_op = stats::median(row.base);
  row.armed_per_op = stats::median(told.armed_per_op);
  row.slowdown = row.armed_per_op / row.base_per_op;
  row.resolution_per_op = std::max(spread(row.base), spread(told.armed_per_op));
  row.resolved = row.hits_per_op > 0 && row.armed_per_op - row.base_per_op > row.resolution_per_op;
  compare(row, predicted_overhead(told, per_hit, handler, row.note));
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

std::optional<double> cost_of_hit(const PerHit& per_hit, SuiteMechanism mechanism, const StateHits& hits,
                                  HandlerChoice handler) {
  if (mechanism == SuiteMechanism::fentry) return cost_in(per_hit, ProbeType::fentry, handler);
  if (mechanism == SuiteMechanism::ftrace) return cost_in(per_hit, ProbeType::ftrace, handler);
  if (mechanism == SuiteMechanism::stepped) return cost_in(per_hit, ProbeType::kprobe_post, handler);
  switch (hits.state) {
    case ProbeState::optimized:
      return cost_in(per_hit, ProbeType::kprobe_optimized, handler);
    case ProbeState::stepped:
    case ProbeState::boosted:
      return int3_cost(per_hit, hits, handler);
    case ProbeState::emulated:
      return cost_in(per_hit, ProbeType::kprobe_emulated, handler);
    case ProbeState::ftrace:
      return cost_in(per_hit, ProbeType::kprobe_ftrace, handler);
    default:
      return std::nullopt;
  }
}

PredictedWorkload predict_workload(const Workload& workload, const PerHit& per_hit) {
  PredictedWorkload predicted{.told = workload};
  auto base = workload.base_after;
  for (std::size_t i = 0; i < workload.rows.size(); ++i) {
    const auto& row = workload.rows[i];
    base = joined(std::move(base), row.base_per_op);
    predicted.rows.push_back(predict_row(row, base_around(workload, i), workload.handler, per_hit));
  }
  if (!base.empty()) predicted.base_per_op = stats::median(base);
  return predicted;
}

CommandPrediction prediction_of(const PredictCounts& counts, const std::vector<CellRecord>& cells) {
  CommandPrediction made{.told = counts, .base = span_of(counts.base), .sites = {}, .overhead_percent = {}};
  for (const auto& site : counts.sites) made.sites.push_back(predict_site(site, cells));
  if (!made.sites.empty()) made.overhead_percent = percent_of(made.sites, made.base);
  return made;
}

}  // namespace probebench::reproduce
