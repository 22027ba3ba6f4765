// SPDX-License-Identifier: MIT
#include "probe_cost/cost_summary.h"

#include <algorithm>

#include "stats/robust.h"
#include "wire/cost_members.h"

namespace probebench::cost {
namespace {

constexpr int kSchema = 1;

double range_of(const std::vector<double>& values) {
  const auto [least, most] = std::ranges::minmax(values);
  return most - least;
}

// All programs of an operation together: each of them ran once.
std::optional<double> bpf_stats_of(const std::vector<ProbeHits>& hits) {
  double ns = 0;
  for (const auto& one : hits) {
    if (one.run_ns == 0 || one.hits.counted == 0) return std::nullopt;
    ns += static_cast<double>(one.run_ns) / static_cast<double>(one.hits.counted);
  }
  return hits.empty() ? std::nullopt : std::optional(ns);
}

wire::Json json_of_figures(const CostFigures& figures) {
  return {{"base_per_op", wire::json_of_number(figures.base)},
          {"armed_per_op", wire::json_of_number(figures.armed)},
          {"per_hit", wire::json_of_number(figures.per_hit)},
          {"spread", wire::json_of_number(figures.spread)},
          {"class", figures.exact() ? "exact" : "noisy"},
          {"bpf_stats_per_hit", wire::json_of_optional(figures.bpf_stats, wire::json_of_number)}};
}

wire::Json json_of_time(const HitTime& time) {
  return {{"unit", time.unit},
          {"per_hit", wire::json_of_number(time.figure.value)},
          {"low", wire::json_of_number(time.figure.low)},
          {"high", wire::json_of_number(time.figure.high)},
          {"too_noisy", is_too_noisy(time.figure)},
          {"per_tick", wire::json_of_number(time.per_tick)}};
}

wire::Json json_of_path(const HandlerPath& path) {
  wire::Json parts = wire::Json::array();
  for (const auto& [name, instructions] : path.parts) {
    parts.push_back({{"name", name}, {"instructions", wire::json_of_number(instructions)}});
  }
  wire::Json functions = wire::Json::array();
  for (const auto& [function, part, instructions] : path.functions) {
    functions.push_back({{"function", function}, {"part", part}, {"instructions", instructions}});
  }
  wire::Json lines = wire::Json::array();
  for (const auto& [file, line, text, instructions] : path.lines) {
    lines.push_back({{"file", file}, {"line", line}, {"text", text}, {"instructions", instructions}});
  }
  return {{"parts", std::move(parts)}, {"functions", std::move(functions)}, {"lines", std::move(lines)}};
}

}  // namespace

std::optional<CostFigures> figures_of(const ProbeCost& cost) {
  if (cost.status != CellStatus::measured || cost.base_per_op.empty() || cost.armed_per_op.empty()) return {};
  CostFigures figures{.base = stats::median(cost.base_per_op),
                      .armed = stats::median(cost.armed_per_op),
                      .spread = range_of(cost.base_per_op) + range_of(cost.armed_per_op),
                      .bpf_stats = bpf_stats_of(cost.hits)};
  figures.per_hit = figures.armed - figures.base;
  return figures;
}

std::string write_costs(const Costs& costs, const std::vector<std::string>& command) {
  wire::Json targets = wire::Json::array();
  for (const auto& [target, cost, path, recipe, time] : costs) {
    wire::Json one = {{"target", target}, {"recipe", wire::json_of_text(recipe)}};
    one.update(wire::Form<ProbeCost>::put(cost));
    one.erase("loops");  // what became of these two is in `anatomy`
    one.erase("source_lines");
    one["figures"] = wire::json_of_optional(figures_of(cost), json_of_figures);
    one["time"] = wire::json_of_optional(time, json_of_time);
    one["anatomy"] = wire::json_of_optional(path, json_of_path);
    targets.push_back(std::move(one));
  }
  const wire::Json json = {
      {"schema_version", kSchema}, {"command", command}, {"targets", std::move(targets)}};
  return wire::pretty(json) + "\n";
}

}  // namespace probebench::cost
