// SPDX-License-Identifier: MIT
#include "wire/experiment_json.h"

#include <stdexcept>

#include "wire/outcome_json.h"
#include "wire/predict_json.h"
#include "wire/workload_json.h"

namespace probebench::wire {
namespace {

SurfaceSetting surface_setting_from(const Json& value) {
  return {.jump = value.at("jump").get<bool>(),
          .handler = handler_from(value.at("handler")),
          .work = whole_from<std::uint32_t>(value.at("work")),
          .hits_per_op = whole_from<std::uint32_t>(value.at("hits_per_op")),
          .probes = whole_from<std::uint32_t>(value.at("probes")),
          .layout = id_from(kSurfaceLayouts, value.at("layout"))};
}

Json json_of(const ExperimentStep& step) {
  return {{"kind", "step"}, {"name", step.name}};
}

ExperimentStep step_from(const Json& value) {
  return {value.at("name").get<std::string>()};
}

Json json_of(const SurfacePoint& point) {
  Json json = {{"kind", "surface"},
               {"setting", json_of_surface_setting(point.setting)},
               {"state", name_of(point.state)},
               {"ops", point.ops},
               {"handler_cost", point.handler_cost},
               {"base_per_op", point.base_per_op},
               {"armed_per_op", point.armed_per_op},
               {"hits", json_of_hit_count(point.hits)}};
  put_outcome(json, point);
  return json;
}

SurfacePoint surface_from(const Json& value) {
  SurfacePoint point{.setting = surface_setting_from(value.at("setting")),
                     .state = id_from(kProbeStates, value.at("state")),
                     .ops = whole_from<std::uint64_t>(value.at("ops")),
                     .handler_cost = value.at("handler_cost").get<double>(),
                     .base_per_op = value.at("base_per_op").get<double>(),
                     .armed_per_op = value.at("armed_per_op").get<double>(),
                     .hits = hit_count_from(value.at("hits"))};
  read_outcome(point, value);
  return point;
}

Json json_of(const ControlStep& step) {
  return {{"kind", "control-plane"}, {"probe_type", step.probe_type}, {"probes", step.probes},
          {"step", step.step},       {"value", step.value},           {"unit", step.unit},
          {"note", step.note},       {"status", name_of(step.status)}};
}

ControlStep control_from(const Json& value) {
  return {.probe_type = value.at("probe_type").get<std::string>(),
          .probes = whole_from<std::uint32_t>(value.at("probes")),
          .step = value.at("step").get<std::string>(),
          .value = value.at("value").get<double>(),
          .unit = value.at("unit").get<std::string>(),
          .status = id_from(kStatuses, value.at("status")),
          .note = value.at("note").get<std::string>()};
}

Json json_of(const KretprobeMisses& misses) {
  Json json = {
      {"kind", "kretprobe-misses"}, {"maxactive", misses.maxactive}, {"concurrent", misses.concurrent},
      {"calls", misses.calls},      {"hits", misses.hits},           {"missed", misses.missed}};
  put_outcome(json, misses);
  return json;
}

KretprobeMisses misses_from(const Json& value) {
  KretprobeMisses misses{.maxactive = whole_from<std::uint32_t>(value.at("maxactive")),
                         .concurrent = whole_from<std::uint32_t>(value.at("concurrent")),
                         .calls = whole_from<std::uint64_t>(value.at("calls")),
                         .hits = whole_from<std::uint64_t>(value.at("hits")),
                         .missed = whole_from<std::uint64_t>(value.at("missed"))};
  read_outcome(misses, value);
  return misses;
}

Json of_kind(const char* kind, Json json) {
  json["kind"] = kind;
  return json;
}

Json json_of(const Workload& workload) {
  return of_kind("workload", json_of_workload(workload));
}

Json json_of(const Suite& suite) {
  return of_kind("suite", json_of_suite(suite));
}

Json json_of(const PredictCounts& counts) {
  return of_kind("predict", json_of_predict_counts(counts));
}

}  // namespace

Json json_of_surface_setting(const SurfaceSetting& setting) {
  return {{"jump", setting.jump},     {"handler", name_of(setting.handler)},
          {"work", setting.work},     {"hits_per_op", setting.hits_per_op},
          {"probes", setting.probes}, {"layout", name_of(setting.layout)}};
}

Json json_of_experiment_plan(const ExperimentPlan& plan) {
  Json surface = Json::array();
  for (const auto& setting : plan.surface) surface.push_back(json_of_surface_setting(setting));
  return {{"surface", std::move(surface)},
          {"kretprobe_misses", plan.kretprobe_misses},
          {"workloads", json_of_workload_plan(plan.workloads)},
          {"predict", json_of_predict_plan(plan.predict)}};
}

ExperimentPlan experiment_plan_from(const Json& value) {
  ExperimentPlan plan;
  for (const auto& setting : value.at("surface")) plan.surface.push_back(surface_setting_from(setting));
  value.at("kretprobe_misses").get_to(plan.kretprobe_misses);
  plan.workloads = workload_plan_from(value.at("workloads"));
  plan.predict = predict_plan_from(value.at("predict"));
  return plan;
}

Json json_of_experiment(const ExperimentRecord& record) {
  return std::visit([](const auto& one) { return json_of(one); }, record);
}

ExperimentRecord experiment_from(const Json& value) {
  const auto kind = value.at("kind").get<std::string>();
  if (kind == "step") return step_from(value);
  if (kind == "surface") return surface_from(value);
  if (kind == "control-plane") return control_from(value);
  if (kind == "kretprobe-misses") return misses_from(value);
  if (kind == "workload") return workload_from(value);
  if (kind == "suite") return suite_from(value);
  if (kind == "predict") return predict_counts_from(value);
  throw std::out_of_range("experiment of unknown kind '" + kind + "'");
}

}  // namespace probebench::wire
