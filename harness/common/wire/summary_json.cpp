// SPDX-License-Identifier: MIT
#include "wire/summary_json.h"

#include <array>
#include <string_view>

namespace probebench::wire {
namespace {

struct MetricClassRow {
  MetricClass id;
  std::string_view name;
};

constexpr std::array kMetricClasses{MetricClassRow{MetricClass::exact, name_of(MetricClass::exact)},
                                    MetricClassRow{MetricClass::noisy, name_of(MetricClass::noisy)}};

double number_from(const Json& value) {
  return value.get<double>();
}

}  // namespace

Json json_of_metric(const Metric& metric) {
  return {{"value", json_of_number(metric.value)},
          {"class", name_of(metric.metric_class)},
          {"low", json_of_number(metric.low)},
          {"high", json_of_number(metric.high)},
          {"spread", json_of_number(metric.spread)},
          {"low_quantile", json_of_number(metric.low_quantile)},
          {"n", metric.n},
          {"note", json_of_text(metric.note)}};
}

Metric metric_from(const Json& value) {
  return {.value = value.at("value").get<double>(),
          .low = value.at("low").get<double>(),
          .high = value.at("high").get<double>(),
          .spread = value.at("spread").get<double>(),
          .low_quantile = value.at("low_quantile").get<double>(),
          .n = whole_from<std::size_t>(value.at("n")),
          .metric_class = id_from(kMetricClasses, value.at("class")),
          .note = text_from(value.at("note"))};
}

Json json_of_metrics(const Summary& summary) {
  Json metrics;
  for (const auto& field : kMetrics) {
    metrics[std::string(field.name)] = json_of_optional(summary.*field.member, json_of_metric);
  }
  return metrics;
}

Summary summary_from_cell(const Json& cell) {
  Summary summary;
  const Json& metrics = cell.at("metrics");
  for (const auto& field : kMetrics) {
    const std::string name(field.name);
    if (field.later && !metrics.contains(name)) continue;  // older files
    summary.*field.member = optional_from(metrics.at(name), metric_from);
  }
  summary.baseline_per_call = optional_from(cell.at("baseline").at("per_call"), metric_from);
  summary.baseline_fixed = optional_from(cell.at("baseline").at("fixed"), number_from);
  summary.cold_hit = optional_from(cell.at("cold_hit").at("overhead"), number_from);
  summary.no_metric_reason = text_from(cell.at("no_metric_reason"));
  return summary;
}

}  // namespace probebench::wire
