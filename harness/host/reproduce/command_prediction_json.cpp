// SPDX-License-Identifier: MIT
#include "reproduce/command_prediction_json.h"

#include "wire/json_value.h"

namespace probebench::reproduce {
namespace {

constexpr int kPredictionSchema = 1;

wire::Json json_of_span(const std::optional<Span>& span) {
  if (!span) return nullptr;
  return {{"value", wire::json_of_number(span->value)},
          {"low", wire::json_of_number(span->low)},
          {"high", wire::json_of_number(span->high)}};
}

wire::Json json_of(const SitePrediction& site) {
  return {{"probe_type", info_of(site.told.site.probe_type).name},
          {"place", site.told.site.place},
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
  return {{"base", json_of_span(prediction.base)},
          {"base_runs", prediction.told.base},
          {"sites", std::move(sites)},
          {"overhead_percent", json_of_span(prediction.overhead_percent)},
          {"status", name_of(prediction.told.status)},
          {"reason", wire::json_of_text(prediction.told.reason)}};
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

}  // namespace probebench::reproduce
