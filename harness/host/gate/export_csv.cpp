// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/escape.h"
#include "gate/export.h"

namespace probebench::gate {
namespace {

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

std::optional<double> value_of(const std::optional<Metric>& metric) {
  return metric ? std::optional(metric->value) : std::nullopt;
}

std::string csv_line(const ReportTarget& target, const ReportRow& row) {
  const auto& range = row.relative_range;
  const std::array<std::string, 13> fields{escaped_for_csv(target.title),
                                           escaped_for_csv(row.cell),
                                           escaped_for_csv(row.metric),
                                           row.metric.empty() ? ""
                                           : row.exact        ? "exact"
                                                              : "noisy",
                                           escaped_for_csv(row.base_status),
                                           escaped_for_csv(row.head_status),
                                           csv_number(value_of(row.base)),
                                           csv_number(value_of(row.head)),
                                           csv_number(row.absolute),
                                           csv_number(row.relative),
                                           csv_number(range ? std::optional(range->low) : std::nullopt),
                                           csv_number(range ? std::optional(range->high) : std::nullopt),
                                           row.verdict ? std::string(info_of(*row.verdict).name) : ""};
  std::string line;
  for (const auto& field : fields) line += (line.empty() ? "" : ",") + field;
  return line + "\n";
}

}  // namespace

std::string report_csv(const Report& report) {
  std::string text =
      "target,cell,metric,class,base_status,head_status,base,head,absolute,relative,relative_low,relative_"
      "high,"
      "verdict\n";
  for (const auto& target : report.targets) {
    for (const auto& row : target.rows) text += csv_line(target, row);
  }
  return text;
}

}  // namespace probebench::gate
