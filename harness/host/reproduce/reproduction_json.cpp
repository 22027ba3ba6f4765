// SPDX-License-Identifier: MIT
#include "reproduce/reproduction_json.h"

#include <limits>

#include "wire/experiment_json.h"
#include "wire/json_value.h"

namespace probebench::reproduce {
namespace {

constexpr int kPredictionSchema = 1;

template <typename Records, typename ToJson>
wire::Json array_of(const Records& records, ToJson to_json) {
  wire::Json array = wire::Json::array();
  for (const auto& one : records) array.push_back(to_json(one));
  return array;
}

wire::Json json_of_span(const std::optional<Span>& span) {
  if (!span) return nullptr;
  return {{"value", wire::json_of_number(span->value)},
          {"low", wire::json_of_number(span->low)},
          {"high", wire::json_of_number(span->high)}};
}

wire::Json json_of(const SitePrediction& site) {
  return {{"probe_type", site.type},
          {"place", site.place},
          {"counted_by", wire::json_of_text(site.told.counted_by)},
          {"runs", site.told.hits},
          {"hits", json_of_span(site.hits)},
          {"per_hit", json_of_span(site.cost)},
          {"overhead", json_of_span(site.per_run)},
          {"status", name_of(site.told.status)},
          {"reason", wire::json_of_text(site.reason)}};
}

wire::Json json_of(const CommandPrediction& prediction) {
  wire::Json sites = wire::Json::array();
  for (const auto& site : prediction.sites) sites.push_back(json_of(site));
  auto own = array_of(prediction.told.own, [](const OwnCount& one) {
    return wire::Json{
        {"probe", one.probe}, {"counted_by", one.counted_by}, {"runs", one.hits}, {"missed", one.missed}};
  });
  return {{"base", json_of_span(prediction.base)},
          {"base_runs", prediction.told.base},
          {"process", prediction.told.process},
          {"outlived", prediction.told.outlived},
          {"sites", std::move(sites)},
          {"own_probe", std::move(own)},
          {"overhead_percent", json_of_span(prediction.overhead_percent)},
          {"status", name_of(prediction.told.status)},
          {"reason", wire::json_of_text(prediction.told.reason)}};
}

wire::Json json_of_row(const PredictedRow& row) {
  const auto number = [](const std::optional<double>& value) {
    return wire::json_of_optional(value, wire::json_of_number);
  };
  wire::Json states = wire::Json::array();
  for (const auto& one : row.told.states) states.push_back(wire::json_of_state_hits(one));
  wire::Json by_site = wire::Json::array();
  for (const auto& one : row.told.by_site) by_site.push_back(wire::json_of_site_hits(one));
  return {{"mechanism", info_of(row.told.mechanism).name},
          {"sites", row.told.sites},
          {"armed_per_op", row.slowdown ? wire::json_of_number(row.armed_per_op) : wire::Json(nullptr)},
          {"base_per_op", wire::json_of_number(row.base_per_op)},
          {"base_rounds", row.base},
          {"armed_rounds", row.told.armed_per_op},
          {"slowdown", number(row.slowdown)},
          {"hits_per_op", wire::json_of_number(row.hits_per_op)},
          {"hits", wire::json_of_hit_count(row.told.hits)},
          {"states", std::move(states)},
          {"hits_by_site", std::move(by_site)},
          {"predicted_slowdown", number(row.predicted_slowdown)},
          {"residual_percent", number(row.residual_percent)},
          {"resolution_per_op", wire::json_of_number(row.resolution_per_op)},
          {"resolved", row.resolved},
          {"note", wire::json_of_text(row.note)},
          {"status", name_of(row.told.status)},
          {"reason", wire::json_of_text(row.told.reason)}};
}

// Of the mechanism with most sites past the entry: what the workload's path has.
const PredictedRow* widest_row(const PredictedWorkload& workload) {
  const PredictedRow* widest = nullptr;
  for (const auto& row : workload.rows) {
    if (widest == nullptr || row.told.sites > widest->told.sites) widest = &row;
  }
  return widest;
}

constexpr int kReproductionSchema = 1;

wire::Json json_of(const ModelledTime& time) {
  return {{"probe_type", info_of(time.probe_type).name},
          {"state", name_of(time.state)},
          {"low", wire::json_of_number(time.ns.low)},
          {"high", wire::json_of_number(time.ns.high)}};
}

wire::Json json_of_interval(const std::optional<Interval>& interval) {
  if (!interval) return nullptr;
  return {{"low", wire::json_of_number(interval->low)}, {"high", wire::json_of_number(interval->high)}};
}

wire::Json json_of(const CurvePoint& point) {
  return {{"trap_ns", wire::json_of_number(point.trap_ns)}, {"ratio", json_of_interval(point.ratio)}};
}

wire::Json json_of(const SourceMark& mark) {
  return {{"source", mark.source},
          {"machine", mark.machine},
          {"trap_ns", json_of_interval(mark.trap_ns)},
          {"ratio", json_of_interval(mark.ratio)}};
}

wire::Json json_of(const FittedConstants& fit) {
  return {{"instruction_ns", wire::json_of_number(fit.constants.instruction_ns)},
          {"trap_ns", wire::json_of_number(fit.constants.trap_ns)},
          {"hits", fit.hits},
          {"leave_one_out_percent", wire::json_of_number(fit.leave_one_out_percent)}};
}

wire::Json json_of(const TimeCurve& curve) {
  const auto plain = [](const auto& one) { return json_of(one); };
  return {{"int3_instructions", wire::json_of_number(curve.int3)},
          {"jump_instructions", wire::json_of_number(curve.jump)},
          {"exceptions", curve.exceptions},
          {"points", array_of(curve.points, plain)},
          {"borrowed", curve.borrowed},
          {"marks", array_of(curve.marks, plain)},
          {"measured", wire::json_of_optional(curve.measured, plain)},
          {"ratio", json_of_interval(curve.ratio)},
          {"fit", wire::json_of_optional(curve.fit, plain)},
          {"fitted_ratio", wire::json_of_optional(curve.fitted_ratio, wire::json_of_number)}};
}

wire::Json json_of(const Fit& fit) {
  return {{"mechanism", fit.mechanism},
          {"model", fit.model()},
          {"cost", wire::json_of_number(fit.cost)},
          {"lookup", wire::json_of_optional(fit.lookup, wire::json_of_number)},
          {"points", fit.points},
          {"residual_median_percent", wire::json_of_number(fit.residual_median_percent)},
          {"residual_max_percent", wire::json_of_number(fit.residual_max_percent)},
          {"note", wire::json_of_text(fit.note)}};
}

wire::Json json_of(const PerHit& per_hit, const std::vector<ModelledTime>& modelled) {
  wire::Json times = wire::Json::array();
  for (const auto& time : modelled) times.push_back(json_of(time));
  wire::Json rows = wire::Json::array();
  for (const auto& row : per_hit.rows) {
    rows.push_back(
        {{"cell", row.cell.name()},
         {"probe_type", info_of(row.cell.probe_type).name},
         {"handler", name_of(row.cell.handler_choice())},
         {"state", name_of(row.state)},
         {"per_hit", wire::json_of_number(row.per_hit)},
         {"ratio_to_stepped", wire::json_of_optional(row.ratio_to_stepped, wire::json_of_number)},
         {"ratio_to_boosted", wire::json_of_optional(row.ratio_to_boosted, wire::json_of_number)}});
  }
  return {
      {"rows", std::move(rows)}, {"modelled", std::move(times)}, {"note", wire::json_of_text(per_hit.note)}};
}

double slowdown(double armed, double base) {
  return base > 0 ? armed / base : std::numeric_limits<double>::quiet_NaN();
}

wire::Json json_of(const SurfacePoint& point) {
  const auto& setting = point.setting;
  return {{"mechanism", mechanism_of(point)},
          {"state", name_of(point.state)},
          {"handler", name_of(setting.handler)},
          {"handler_cost", wire::json_of_number(point.handler_cost)},
          {"work", setting.work},
          {"hits_per_op", setting.hits_per_op},
          {"probes", setting.probes},
          {"layout", name_of(setting.layout)},
          {"ops", point.ops},
          {"base_per_op", wire::json_of_number(point.base_per_op)},
          {"armed_per_op", wire::json_of_number(point.armed_per_op)},
          {"overhead_per_op", wire::json_of_number(point.armed_per_op - point.base_per_op)},
          {"slowdown", wire::json_of_number(slowdown(point.armed_per_op, point.base_per_op))},
          {"hits", wire::json_of_hit_count(point.hits)},
          {"status", name_of(point.status)},
          {"reason", wire::json_of_text(point.reason)}};
}

wire::Json json_of(const ControlStep& step, const Reproduction& target) {
  const bool clock = step.unit == "clock";
  const bool measured = step.status == CellStatus::measured;
  return {{"probe_type", step.probe_type},
          {"probes", step.probes},
          {"step", step.step},
          {"value", measured ? wire::json_of_number(step.value) : wire::Json(nullptr)},
          {"unit", clock ? std::string(target.clock_unit()) : step.unit},
          {"class", "noisy"},
          {"status", name_of(step.status)},
          {"note", wire::json_of_text(step.note)}};
}

wire::Json json_of(const KretprobeMisses& misses) {
  return {{"maxactive", misses.maxactive},
          {"concurrent", misses.concurrent},
          {"calls", misses.calls},
          {"hits", misses.hits},
          {"missed", misses.missed},
          {"status", name_of(misses.status)},
          {"reason", wire::json_of_text(misses.reason)}};
}

wire::Json json_of(const TrapTime& time) {
  const auto& told = time.told;
  const bool measured = told.status == CellStatus::measured;
  return {{"trap", info_of(told.kind).name},
          {"signal_code", info_of(told.kind).signal_code},
          {"text", wire::json_of_bytes(told.text)},
          {"per_trap", json_of_span(measured ? std::optional(time.whole) : std::nullopt)},
          {"less_signal", json_of_span(time.less_signal)},
          {"rounds", told.per_trap},
          {"hits", wire::json_of_hit_count(told.hits)},
          {"status", name_of(told.status)},
          {"reason", wire::json_of_text(told.reason)}};
}

wire::Json json_of(const PrunedWorkload& workload) {
  const auto number = [](const std::optional<double>& value) {
    return wire::json_of_optional(value, wire::json_of_number);
  };
  const auto& range = workload.range;
  return {{"name", info_of(workload.id).name},
          {"overhead_percent", number(workload.whole)},
          {"pruned_predicted_percent", number(workload.predicted)},
          {"pruned_percent", number(workload.measured)},
          {"pruned_low_percent", number(range ? std::optional(range->low) : std::nullopt)},
          {"pruned_high_percent", number(range ? std::optional(range->high) : std::nullopt)}};
}

wire::Json json_of(const Pruning& pruning) {
  const auto& told = pruning.told;
  return {{"suite", told.suite},
          {"mechanism", info_of(told.mechanism).name},
          {"state", name_of(pruning.state)},
          {"line_percent", wire::json_of_number(told.line_percent)},
          {"sites", pruning.sites},
          {"kept", pruning.kept},
          {"left_out", told.left_out},
          {"sets", told.sets},
          {"above", pruning.above()},
          {"confirmed", pruning.confirmed()},
          {"workloads", array_of(pruning.workloads, [](const auto& one) { return json_of(one); })},
          {"status", name_of(told.status)},
          {"note", wire::json_of_text(told.note)}};
}

void put_figures(wire::Json& json, const HitFindings& hit) {
  json["int3_per_hit"] = wire::json_of_number(hit.int3);
  json["int3_state"] = name_of(hit.int3_state);
  json["jump_per_hit"] = wire::json_of_number(hit.jump);
  json["ratio_per_hit"] = wire::json_of_number(hit.ratio());
  json["ratio_in_time"] = json_of_interval(hit.ratio_in_time);
}

void put_figures(wire::Json& json, const WorkloadFindings& found) {
  json["workloads"] = found.workloads;
  json["above_int3"] = found.above_int3;
  json["above_jump"] = found.above_jump;
  json["median_int3_percent"] = wire::json_of_number(found.median_int3_percent);
  json["median_jump_percent"] = wire::json_of_number(found.median_jump_percent);
}

void put_figures(wire::Json& json, const PruningFindings& found) {
  json["sites"] = found.sites;
  json["left_out_int3"] = found.left_out_int3;
  json["left_out_jump"] = found.left_out_jump;
}

// A figure that was not measured is not there.
wire::Json json_of_verdict(const Reproduction& target) {
  const auto& findings = target.findings;
  wire::Json json = {{"decision", name_of(target.verdict.decision)},
                     {"kernel", findings.kernel},
                     {"cpu_model", findings.cpu_model},
                     {"unit", findings.unit},
                     {"no_jump", wire::json_of_text(findings.no_jump)}};
  if (findings.workloads) json["line_percent"] = wire::json_of_number(findings.workloads->line_percent);
  if (findings.pruning) json["line_percent"] = wire::json_of_number(findings.pruning->line_percent);
  if (findings.hit) put_figures(json, *findings.hit);
  if (findings.workloads) put_figures(json, *findings.workloads);
  if (findings.pruning) put_figures(json, *findings.pruning);
  return json;
}

wire::Json json_of(const Reproduction& target) {
  const auto plain = [](const auto& one) { return json_of(one); };
  const auto& told = target.told;
  return {{"target", target.target.info.id},
          {"clock_unit", target.clock_unit()},
          {"class", target.exact() ? "exact" : "noisy"},
          {"per_hit", json_of(target.per_hit, target.modelled)},
          {"time_curve", wire::json_of_optional(target.curve, plain)},
          {"surface", {{"points", array_of(told.surface, plain)}, {"fits", array_of(target.fits, plain)}}},
          {"workloads", array_of(target.predictions, json_of_prediction)},
          {"suites", array_of(told.suites, wire::json_of_suite)},
          {"pruning", array_of(target.prunings, plain)},
          {"control_plane",
           array_of(told.control_plane, [&](const ControlStep& one) { return json_of(one, target); })},
          {"kretprobe_misses", array_of(told.kretprobe_misses, plain)},
          {"traps", array_of(target.traps, plain)},
          {"verdict", wire::json_of_text(target.verdict.text)},
          {"verdict_figures", json_of_verdict(target)}};
}

}  // namespace

std::string write_predictions(const std::vector<std::pair<std::string, CommandPrediction>>& predictions,
                              const std::vector<std::string>& command) {
  wire::Json targets = wire::Json::array();
  for (const auto& [target, prediction] : predictions) {
    wire::Json one = {{"target", target}};
    one.update(json_of(prediction));
    targets.push_back(std::move(one));
  }
  const wire::Json json = {
      {"schema_version", kPredictionSchema}, {"command", command}, {"targets", std::move(targets)}};
  return wire::pretty(json) + "\n";
}

wire::Json json_of_prediction(const PredictedWorkload& workload) {
  const auto& told = workload.told;
  const auto* widest = widest_row(workload);
  wire::Json rows = wire::Json::array();
  for (const auto& row : workload.rows) rows.push_back(json_of_row(row));
  return {{"name", info_of(told.id).name},
          {"operation", info_of(told.id).summary},
          {"suite", told.suite},
          {"handler", name_of(told.handler)},
          {"status", name_of(told.status)},
          {"reason", wire::json_of_text(told.reason)},
          {"operations", told.operations},
          {"base_per_op", wire::json_of_number(workload.base_per_op)},
          {"base_after", told.base_after},
          {"hits_per_op", wire::json_of_number(widest == nullptr ? 0 : widest->hits_per_op)},
          {"sites", widest == nullptr ? 0 : widest->told.sites},
          {"rows", std::move(rows)}};
}

std::string write_reproductions(const std::vector<Reproduction>& targets,
                                const std::vector<std::string>& command) {
  wire::Json all = wire::Json::array();
  for (const auto& target : targets) all.push_back(json_of(target));
  const wire::Json json = {
      {"schema_version", kReproductionSchema}, {"command", command}, {"targets", std::move(all)}};
  return wire::pretty(json) + "\n";
}

}  // namespace probebench::reproduce
