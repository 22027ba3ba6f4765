// SPDX-License-Identifier: MIT
#include "reproduce/command_prediction_json.h"

#include "wire/json_value.h"

namespace probebench {
namespace {

constexpr int kSchemaVersion = 1;

Json json_of_span(const std::optional<Span>& span) {
  if (!span) return nullptr;
  return {{"value", json_of_number(span->value)},
          {"low", json_of_number(span->low)},
          {"high", json_of_number(span->high)}};
}

Json json_of(const SitePrediction& site) {
  return {{"probe_type", info_of(site.told.site.probe_type).name},
          {"place", site.told.site.place},
          {"counted_by", json_of_text(site.told.counted_by)},
          {"runs", site.told.hits},
          {"hits", json_of_span(site.hits)},
          {"per_hit", json_of_span(site.cost)},
          {"overhead", json_of_span(site.per_run)},
          {"status", name_of(site.told.status)},
          {"reason", json_of_text(site.reason)}};
}

Json json_of(const CommandPrediction& prediction) {
  Json sites = Json::array();
  for (const auto& site : prediction.sites) sites.push_back(json_of(site));
  return {{"base", json_of_span(prediction.base)},
          {"base_runs", prediction.told.base},
          {"sites", std::move(sites)},
          {"overhead_percent", json_of_span(prediction.overhead_percent)},
          {"status", name_of(prediction.told.status)},
          {"reason", json_of_text(prediction.told.reason)}};
}

}  // namespace

std::string write_predictions(const std::vector<std::pair<std::string, CommandPrediction>>& predictions,
                              const std::vector<std::string>& command) {
  Json targets = Json::array();
  for (const auto& [target, prediction] : predictions) {
    Json one = {{"target", target}};
    one.update(json_of(prediction));
    targets.push_back(std::move(one));
  }
  const Json json = {
      {"schema_version", kSchemaVersion}, {"command", command}, {"targets", std::move(targets)}};
  return pretty(json) + "\n";
}

}  // namespace probebench
