// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/text.h"
#include "gate/export.h"
#include "wire/json_value.h"

namespace probebench::gate {
namespace {

wire::Json json_of(const std::optional<Metric>& metric) {
  if (!metric) return nullptr;
  return {{"value", wire::json_of_number(metric->value)},
          {"low", wire::json_of_number(metric->low)},
          {"high", wire::json_of_number(metric->high)},
          {"class", name_of(metric->metric_class)}};
}

wire::Json json_of(const std::optional<double>& value) {
  return value ? wire::json_of_number(*value) : wire::Json(nullptr);
}

wire::Json json_of(const std::optional<Verdict>& verdict) {
  return verdict ? wire::Json(info_of(*verdict).name) : wire::Json(nullptr);
}

wire::Json json_of(const ReportRow& row) {
  wire::Json json;
  json["cell"] = row.cell;
  json["metric"] = wire::json_of_text(row.metric);
  json["lead"] = row.lead;
  json["verdict"] = json_of(row.verdict);
  json["why"] = wire::json_of_text(row.why);
  json["base_status"] = row.base_status;
  json["head_status"] = row.head_status;
  json["base"] = json_of(row.base);
  json["head"] = json_of(row.head);
  json["absolute"] = json_of(row.absolute);
  json["relative"] = json_of(row.relative);
  const auto& range = row.relative_range;
  json["relative_low"] = json_of(range ? std::optional(range->low) : std::nullopt);
  json["relative_high"] = json_of(range ? std::optional(range->high) : std::nullopt);
  json["significant"] = row.significant;
  json["functions"] = wire::Json::array();
  for (const auto& one : row.functions) {
    json["functions"].push_back({{"function", one.function}, {"change", one.change}});
  }
  return json;
}

wire::Json json_of(const FactDifference& one) {
  return {{"fact", one.name},
          {"base", wire::json_of_text(one.base)},
          {"head", wire::json_of_text(one.head)},
          {"identifies", one.identifies},
          {"may_differ", one.may_differ}};
}

wire::Json json_of(const ReportTarget& target) {
  wire::Json json;
  json["target"] = target.title;
  json["comparable"] = target.comparable;
  json["verdict"] = json_of(target.verdict);
  json["why"] = wire::json_of_text(target.why);
  json["differences"] = wire::Json::array();
  for (const auto& one : target.differences) json["differences"].push_back(json_of(one));
  json["cells"] = wire::Json::array();
  for (const auto& row : target.rows) json["cells"].push_back(json_of(row));
  return json;
}

// Several targets may hold a cell of one name.
std::string series_name(const Report& report, const ReportTarget& target, const ReportRow& row) {
  return report.targets.size() == 1 ? row.cell : target.title + ": " + row.cell;
}

template <typename Take>
void each_head(const Report& report, Take take) {
  for (const auto& target : report.targets) {
    for (const auto* row : lead_rows(target)) {
      if (row->head) take(series_name(report, target, *row), *row);
    }
  }
}

}  // namespace

std::string report_json(const Report& report) {
  wire::Json json;
  json["format"] = report.verdict ? "probebench-gate" : "probebench-compare";
  json["version"] = 1;
  json["base"] = report.base;
  json["head"] = report.head;
  json["verdict"] = json_of(report.verdict);
  json["exit_code"] = report.verdict ? static_cast<int>(info_of(*report.verdict).exit_code) : 0;
  json["notes"] = report.notes;
  json["targets"] = wire::Json::array();
  for (const auto& target : report.targets) json["targets"].push_back(json_of(target));
  return wire::pretty(json);
}

std::string report_bmf(const Report& report) {
  wire::Json json = wire::Json::object();
  each_head(report, [&](const std::string& name, const ReportRow& row) {
    json[name][row.metric] = {{"value", wire::json_of_number(row.head->value)},
                              {"lower_value", wire::json_of_number(row.head->low)},
                              {"upper_value", wire::json_of_number(row.head->high)}};
  });
  return wire::pretty(json);
}

std::string report_smaller(const Report& report) {
  wire::Json json = wire::Json::array();
  each_head(report, [&](const std::string& name, const ReportRow& row) {
    const double half = (row.head->high - row.head->low) / 2;
    json.push_back({{"name", name},
                    {"unit", unit_of(row.metric)},
                    {"value", wire::json_of_number(row.head->value)},
                    {"range", fmt::format("± {}", number_text(half))}});
  });
  return wire::pretty(json);
}

}  // namespace probebench::gate
