// SPDX-License-Identifier: MIT
#include "reproduce/workload_prediction_json.h"

#include "wire/outcome_json.h"
#include "wire/workload_json.h"

namespace probebench::reproduce {
namespace {

wire::Json json_of_row(const PredictedRow& row) {
  const auto number = [](const std::optional<double>& value) {
    return wire::json_of_optional(value, wire::json_of_number);
  };
  wire::Json states = wire::Json::array();
  for (const auto& one : row.told.states) states.push_back(wire::json_of_state_hits(one));
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

}  // namespace

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

}  // namespace probebench::reproduce
