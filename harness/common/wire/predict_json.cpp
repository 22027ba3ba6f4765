// SPDX-License-Identifier: MIT
#include "wire/predict_json.h"

#include "wire/outcome_json.h"

namespace probebench::wire {
namespace {

Json json_of_site(const PredictSite& site) {
  return {{"probe_type", info_of(site.probe_type).name}, {"place", site.place}};
}

PredictSite site_from(const Json& value) {
  return {id_from(kProbeTypes, value.at("probe_type")), value.at("place").get<std::string>()};
}

Json json_of_site_count(const SiteCount& count) {
  Json json = json_of_site(count.site);
  json["counted_by"] = count.counted_by;
  json["hits"] = count.hits;
  put_outcome(json, count);
  return json;
}

SiteCount site_count_from(const Json& value) {
  SiteCount count{.site = site_from(value), .counted_by = value.at("counted_by").get<std::string>()};
  for (const auto& hits : value.at("hits")) count.hits.push_back(whole_from<std::uint64_t>(hits));
  read_outcome(count, value);
  return count;
}

}  // namespace

Json json_of_predict_plan(const PredictPlan& plan) {
  Json sites = Json::array();
  for (const auto& site : plan.sites) sites.push_back(json_of_site(site));
  return {{"sites", std::move(sites)},
          {"command", plan.command},
          {"timeout_s", plan.timeout_s},
          {"runs", plan.runs}};
}

PredictPlan predict_plan_from(const Json& value) {
  PredictPlan plan;
  for (const auto& site : value.at("sites")) plan.sites.push_back(site_from(site));
  value.at("command").get_to(plan.command);
  read_whole(value, "timeout_s", plan.timeout_s);
  read_whole(value, "runs", plan.runs);
  return plan;
}

Json json_of_predict_counts(const PredictCounts& counts) {
  Json sites = Json::array();
  for (const auto& one : counts.sites) sites.push_back(json_of_site_count(one));
  Json json = {{"sites", std::move(sites)}, {"base", counts.base}};
  put_outcome(json, counts);
  return json;
}

PredictCounts predict_counts_from(const Json& value) {
  PredictCounts counts;
  for (const auto& one : value.at("sites")) counts.sites.push_back(site_count_from(one));
  value.at("base").get_to(counts.base);
  read_outcome(counts, value);
  return counts;
}

}  // namespace probebench::wire
