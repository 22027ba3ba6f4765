// SPDX-License-Identifier: MIT
#include "results/experiment_json.h"

#include <stdexcept>

namespace probebench {
namespace {

struct StatusRow {
  CellStatus id;
  std::string_view name;
};

constexpr std::array kStatuses{StatusRow{CellStatus::measured, name_of(CellStatus::measured)},
                               StatusRow{CellStatus::skipped, name_of(CellStatus::skipped)},
                               StatusRow{CellStatus::errored, name_of(CellStatus::errored)},
                               StatusRow{CellStatus::invalid, name_of(CellStatus::invalid)}};

HitCount hit_count_from(const Json& value) {
  return {value.at("expected").get<std::uint64_t>(), value.at("counted").get<std::uint64_t>(),
          value.at("missed").get<std::uint64_t>()};
}

SurfaceSetting surface_setting_from(const Json& value) {
  return {.jump = value.at("jump").get<bool>(),
          .handler = handler_from(value.at("handler")),
          .work = value.at("work").get<std::uint32_t>(),
          .hits_per_op = value.at("hits_per_op").get<std::uint32_t>(),
          .probes = value.at("probes").get<std::uint32_t>(),
          .layout = id_from(kSurfaceLayouts, value.at("layout"))};
}

// Status and reason are the same members everywhere.
template <typename Record>
void put_outcome(Json& json, const Record& record) {
  json["status"] = name_of(record.status);
  json["reason"] = json_of_text(record.reason);
}

template <typename Record>
void read_outcome(Record& record, const Json& value) {
  record.status = id_from(kStatuses, value.at("status"));
  record.reason = text_from(value.at("reason"));
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
                     .ops = value.at("ops").get<std::uint64_t>(),
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
          .probes = value.at("probes").get<std::uint32_t>(),
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
  KretprobeMisses misses{.maxactive = value.at("maxactive").get<std::uint32_t>(),
                         .concurrent = value.at("concurrent").get<std::uint32_t>(),
                         .calls = value.at("calls").get<std::uint64_t>(),
                         .hits = value.at("hits").get<std::uint64_t>(),
                         .missed = value.at("missed").get<std::uint64_t>()};
  read_outcome(misses, value);
  return misses;
}

Json json_of(const WorkloadRow& row) {
  Json json = {{"mechanism", row.mechanism},
               {"armed_per_op", row.armed_per_op},
               {"hits", json_of_hit_count(row.hits)}};
  put_outcome(json, row);
  return json;
}

WorkloadRow workload_row_from(const Json& value) {
  WorkloadRow row{.mechanism = value.at("mechanism").get<std::string>(),
                  .armed_per_op = value.at("armed_per_op").get<double>(),
                  .hits = hit_count_from(value.at("hits"))};
  read_outcome(row, value);
  return row;
}

Json json_of(const Workload& workload) {
  Json rows = Json::array();
  for (const auto& row : workload.rows) rows.push_back(json_of(row));
  Json json = {{"kind", "workload"},
               {"name", workload.name},
               {"suite", workload.suite},
               {"operations", workload.operations},
               {"base_per_op", workload.base_per_op},
               {"hits_per_op", workload.hits_per_op},
               {"sites", workload.sites},
               {"rows", std::move(rows)}};
  put_outcome(json, workload);
  return json;
}

Workload workload_from(const Json& value) {
  Workload workload{.name = value.at("name").get<std::string>(),
                    .suite = value.at("suite").get<std::string>(),
                    .operations = value.at("operations").get<std::uint64_t>(),
                    .base_per_op = value.at("base_per_op").get<double>(),
                    .hits_per_op = value.at("hits_per_op").get<double>(),
                    .sites = value.at("sites").get<std::uint32_t>()};
  for (const auto& row : value.at("rows")) workload.rows.push_back(workload_row_from(row));
  read_outcome(workload, value);
  return workload;
}

Json json_of(const Suite& suite) {
  Json json = {{"kind", "suite"}};
  json.update(json_of_suite(suite));
  return json;
}

Suite suite_from(const Json& value) {
  Suite suite{.name = value.at("name").get<std::string>(),
              .functions = value.at("functions").get<std::uint32_t>(),
              .probed = value.at("probed").get<std::uint32_t>(),
              .optimizable = value.at("optimizable").get<std::uint32_t>()};
  for (const auto& refusal : value.at("refusals")) {
    suite.refusals.push_back(
        {refusal.at("reason").get<std::string>(), refusal.at("count").get<std::uint32_t>()});
  }
  return suite;
}

}  // namespace

Json json_of_hit_count(const HitCount& hits) {
  return {{"expected", hits.expected}, {"counted", hits.counted}, {"missed", hits.missed}};
}

Json json_of_surface_setting(const SurfaceSetting& setting) {
  return {{"jump", setting.jump},     {"handler", name_of(setting.handler)},
          {"work", setting.work},     {"hits_per_op", setting.hits_per_op},
          {"probes", setting.probes}, {"layout", name_of(setting.layout)}};
}

Json json_of_suite(const Suite& suite) {
  Json refusals = Json::array();
  for (const auto& one : suite.refusals) refusals.push_back({{"reason", one.reason}, {"count", one.count}});
  return {{"name", suite.name},
          {"functions", suite.functions},
          {"probed", suite.probed},
          {"optimizable", suite.optimizable},
          {"refusals", std::move(refusals)}};
}

Json json_of_experiment_plan(const ExperimentPlan& plan) {
  Json surface = Json::array();
  for (const auto& setting : plan.surface) surface.push_back(json_of_surface_setting(setting));
  return {{"surface", std::move(surface)},
          {"control_plane", plan.control_plane},
          {"kretprobe_misses", plan.kretprobe_misses},
          {"workloads", {{"wanted", plan.workloads.wanted}, {"command", plan.workloads.command}}}};
}

ExperimentPlan experiment_plan_from(const Json& value) {
  ExperimentPlan plan;
  for (const auto& setting : value.at("surface")) plan.surface.push_back(surface_setting_from(setting));
  value.at("control_plane").get_to(plan.control_plane);
  value.at("kretprobe_misses").get_to(plan.kretprobe_misses);
  const auto& workloads = value.at("workloads");
  workloads.at("wanted").get_to(plan.workloads.wanted);
  workloads.at("command").get_to(plan.workloads.command);
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
  throw std::out_of_range("experiment of unknown kind '" + kind + "'");
}

}  // namespace probebench
