// SPDX-License-Identifier: MIT
#include "wire/cell_json.h"

#include "stats/hit_tally.h"
#include "wire/outcome_json.h"
#include "wire/sample_json.h"
#include "wire/summary_json.h"

namespace probebench::wire {
namespace {

Json json_of_failure(const CellResult& result) {
  if (result.step.empty() && result.err == 0) return nullptr;
  return {{"step", json_of_text(result.step)}, {"errno", result.err}};
}

Json json_of_lacking(const CellResult& result) {
  if (result.capability.empty() && result.provided_by.empty()) return nullptr;
  return {{"capability", json_of_text(result.capability)}, {"provided_by", json_of_text(result.provided_by)}};
}

Json json_of_hits(const std::vector<Round>& rounds) {
  if (rounds.empty()) return nullptr;
  const auto tally = stats::tally_hits(rounds);
  Json per_cpu = Json::object();
  for (const auto& [cpu, hits] : tally.per_cpu) per_cpu[std::to_string(cpu)] = hits;
  return {{"expected", tally.expected},
          {"counted", tally.counted},
          {"elsewhere", tally.elsewhere},
          {"missed", tally.missed},
          {"per_cpu", per_cpu}};
}

// What a person looks for first: identity, outcome, figures.
void put_head(Json& json, const CellRecord& record) {
  const auto& [target, result, summary] = record;
  json["name"] = result.cell.name();
  json["target"] = target;
  json["probe_type"] = info_of(result.cell.probe_type).name;
  json["driver"] = info_of(result.cell.driver).name;
  json["site"] = info_of(result.cell.site).name;
  json["handler"] = name_of(result.cell.handler_choice());
  json["threads"] = result.cell.threads;
  json["status"] = name_of(result.status);
  json["reason"] = json_of_text(result.reason);
  json["failure"] = json_of_failure(result);
  json["lacking"] = json_of_lacking(result);
}

void put_figures(Json& json, const CellRecord& record) {
  const auto& [target, result, summary] = record;
  json["metrics"] = json_of_metrics(summary);
  json["no_metric_reason"] = json_of_text(summary.no_metric_reason);
  json["baseline"] = {{"per_call", json_of_optional(summary.baseline_per_call, json_of_metric)},
                      {"fixed", json_of_optional(summary.baseline_fixed, json_of_number)}};
  json["cold_hit"] = {{"overhead", json_of_optional(summary.cold_hit, json_of_number)},
                      {"window", json_of_optional(result.cold_hit, json_of_window)},
                      {"baseline", json_of_optional(result.cold_baseline, json_of_window)}};
  json["hits"] = json_of_hits(result.rounds);
}

void put_raw(Json& json, const CellResult& result) {
  json["evidence"] = json_of_evidence(result.evidence);
  json["rest"] = {{"before", json_of_optional(result.rest_before, json_of_pair)},
                  {"after", json_of_optional(result.rest_after, json_of_pair)}};
  json["samples"] = Json::array();
  for (const auto& round : result.rounds) json["samples"].push_back(json_of_round(round));
}

void read_cell_outcome(CellResult& result, const Json& value) {
  result.status = id_from(kStatuses, value.at("status"));
  result.reason = text_from(value.at("reason"));
  if (const Json& failure = value.at("failure"); !failure.is_null()) {
    result.step = text_from(failure.at("step"));
    result.err = failure.at("errno").get<int>();
  }
  if (const Json& lacking = value.at("lacking"); !lacking.is_null()) {
    result.capability = text_from(lacking.at("capability"));
    result.provided_by = text_from(lacking.at("provided_by"));
  }
}

void read_raw(CellResult& result, const Json& value) {
  result.evidence = evidence_from(value.at("evidence"));
  result.cold_hit = optional_from(value.at("cold_hit").at("window"), window_from);
  result.cold_baseline = optional_from(value.at("cold_hit").at("baseline"), window_from);
  result.rest_before = optional_from(value.at("rest").at("before"), pair_from);
  result.rest_after = optional_from(value.at("rest").at("after"), pair_from);
  for (const auto& round : value.at("samples")) result.rounds.push_back(round_from(round));
}

}  // namespace

Json json_of_cell(const CellRecord& record) {
  Json json;
  put_head(json, record);
  put_figures(json, record);
  put_raw(json, record.result);
  return json;
}

CellRecord cell_from(const Json& value) {
  CellRecord record;
  record.target = value.at("target").get<std::string>();
  record.result.cell.probe_type = id_from(kProbeTypes, value.at("probe_type"));
  record.result.cell.driver = id_from(kDrivers, value.at("driver"));
  record.result.cell.site = id_from(kSites, value.at("site"));
  const auto handler = handler_from(value.at("handler"));
  record.result.cell.handler = handler.id;
  record.result.cell.delay_ns = handler.delay_ns;
  read_whole(value, "threads", record.result.cell.threads);
  read_cell_outcome(record.result, value);
  read_raw(record.result, value);
  record.summary = summary_from_cell(value);
  return record;
}

}  // namespace probebench::wire
