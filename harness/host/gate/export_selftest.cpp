// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/escape.h"
#include "gate/export.h"

namespace probebench::gate {
namespace {

std::string plus_minus(const Metric& metric) {
  return fmt::format("{:>10.3f} ± {:.3f}", metric.value, (metric.high - metric.low) / 2);
}

}  // namespace

std::string report_selftest(const Report& report) {
  std::string text;
  for (const auto& target : report.targets) {
    text += fmt::format("# {}\n", escaped_for_line(target.title));
    for (const auto* row : lead_rows(target)) {
      if (!row->base || !row->head) continue;
      text += fmt::format("{:<40}: {} -> {} {} ({})\n", escaped_for_line(short_name(row->cell)),
                          plus_minus(*row->base), plus_minus(*row->head), unit_of(row->metric),
                          percent_text(row->relative));
    }
  }
  return text;
}

}  // namespace probebench::gate
