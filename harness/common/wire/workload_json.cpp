// SPDX-License-Identifier: MIT
#include "wire/workload_json.h"

#include "wire/outcome_json.h"

namespace probebench::wire {
namespace {

Json json_of_group(const SuiteGroup& group) {
  Json workloads = Json::array();
  for (const auto id : group.workloads) workloads.push_back(info_of(id).name);
  return {{"workloads", std::move(workloads)}, {"functions", group.functions}};
}

SuiteGroup group_from(const Json& value) {
  SuiteGroup group;
  for (const auto& name : value.at("workloads")) group.workloads.push_back(id_from(kWorkloads, name));
  value.at("functions").get_to(group.functions);
  return group;
}

Json json_of_suite_plan(const SuitePlan& suite) {
  Json groups = Json::array();
  for (const auto& group : suite.groups) groups.push_back(json_of_group(group));
  return {{"name", suite.name}, {"handler", name_of(suite.handler)}, {"groups", std::move(groups)}};
}

// The summary is the host's.
SuitePlan suite_plan_from(const Json& value) {
  SuitePlan suite{.name = value.at("name").get<std::string>(), .handler = handler_from(value.at("handler"))};
  for (const auto& group : value.at("groups")) suite.groups.push_back(group_from(group));
  return suite;
}

StateHits state_hits_from(const Json& value) {
  return {id_from(kProbeStates, value.at("state")), value.at("prepared").get<bool>(),
          whole_from<std::uint32_t>(value.at("sites")), value.at("hits_per_op").get<double>()};
}

Json json_of_row(const WorkloadRow& row) {
  Json states = Json::array();
  for (const auto& one : row.states) states.push_back(json_of_state_hits(one));
  Json json = {{"mechanism", info_of(row.mechanism).name}, {"sites", row.sites},
               {"base_per_op", row.base_per_op},           {"armed_per_op", row.armed_per_op},
               {"hits", json_of_hit_count(row.hits)},      {"states", std::move(states)}};
  put_outcome(json, row);
  return json;
}

WorkloadRow row_from(const Json& value) {
  WorkloadRow row{.mechanism = id_from(kSuiteMechanisms, value.at("mechanism")),
                  .sites = whole_from<std::uint32_t>(value.at("sites")),
                  .base_per_op = value.at("base_per_op").get<std::vector<double>>(),
                  .armed_per_op = value.at("armed_per_op").get<std::vector<double>>(),
                  .hits = hit_count_from(value.at("hits"))};
  for (const auto& one : value.at("states")) row.states.push_back(state_hits_from(one));
  read_outcome(row, value);
  return row;
}

Json json_of_refusals(const std::vector<Refusal>& refusals) {
  Json json = Json::array();
  for (const auto& one : refusals) json.push_back({{"reason", one.reason}, {"count", one.count}});
  return json;
}

std::vector<Refusal> refusals_from(const Json& value) {
  std::vector<Refusal> refusals;
  for (const auto& one : value) {
    refusals.push_back({one.at("reason").get<std::string>(), whole_from<std::uint32_t>(one.at("count"))});
  }
  return refusals;
}

}  // namespace

Json json_of_state_hits(const StateHits& hits) {
  return {{"state", name_of(hits.state)},
          {"prepared", hits.prepared},
          {"sites", hits.sites},
          {"hits_per_op", json_of_number(hits.hits_per_op)}};
}

Json json_of_workload_plan(const WorkloadPlan& plan) {
  Json suites = Json::array();
  for (const auto& suite : plan.suites) suites.push_back(json_of_suite_plan(suite));
  Json mechanisms = Json::array();
  for (const auto id : plan.mechanisms) mechanisms.push_back(info_of(id).name);
  return {{"suites", std::move(suites)},
          {"mechanisms", std::move(mechanisms)},
          {"rounds", plan.rounds},
          {"command", plan.command},
          {"command_timeout_s", plan.command_timeout_s}};
}

WorkloadPlan workload_plan_from(const Json& value) {
  WorkloadPlan plan;
  for (const auto& suite : value.at("suites")) plan.suites.push_back(suite_plan_from(suite));
  for (const auto& name : value.at("mechanisms")) plan.mechanisms.push_back(id_from(kSuiteMechanisms, name));
  read_whole(value, "rounds", plan.rounds);
  value.at("command").get_to(plan.command);
  read_whole(value, "command_timeout_s", plan.command_timeout_s);
  return plan;
}

Json json_of_workload(const Workload& workload) {
  Json rows = Json::array();
  for (const auto& row : workload.rows) rows.push_back(json_of_row(row));
  Json json = {{"name", info_of(workload.id).name},    {"suite", workload.suite},
               {"handler", name_of(workload.handler)}, {"operations", workload.operations},
               {"base_after", workload.base_after},    {"rows", std::move(rows)}};
  put_outcome(json, workload);
  return json;
}

Workload workload_from(const Json& value) {
  Workload workload{.id = id_from(kWorkloads, value.at("name")),
                    .suite = value.at("suite").get<std::string>(),
                    .handler = handler_from(value.at("handler")),
                    .operations = whole_from<std::uint64_t>(value.at("operations")),
                    .base_after = value.at("base_after").get<std::vector<double>>()};
  for (const auto& row : value.at("rows")) workload.rows.push_back(row_from(row));
  read_outcome(workload, value);
  return workload;
}

Json json_of_suite(const Suite& suite) {
  return {{"name", suite.name},
          {"functions", suite.functions},
          {"probed", suite.probed},
          {"optimizable", suite.optimizable},
          {"refusals", json_of_refusals(suite.refusals)},
          {"not_optimizable", json_of_refusals(suite.not_optimizable)}};
}

Suite suite_from(const Json& value) {
  return {.name = value.at("name").get<std::string>(),
          .functions = whole_from<std::uint32_t>(value.at("functions")),
          .probed = whole_from<std::uint32_t>(value.at("probed")),
          .optimizable = whole_from<std::uint32_t>(value.at("optimizable")),
          .refusals = refusals_from(value.at("refusals")),
          .not_optimizable = refusals_from(value.at("not_optimizable"))};
}

}  // namespace probebench::wire
