// SPDX-License-Identifier: MIT
#include "cli/reproduce_text.h"

#include <fmt/format.h>

#include "cli/text.h"

namespace probebench {
namespace {

std::string ratio_text(std::optional<double> ratio) {
  return ratio ? fmt::format("{:.1f}x", *ratio) : "-";
}

std::string per_hit_text(const Reproduction& target) {
  std::vector<Column> columns{{"probe type", Align::left, {}},
                              {"state", Align::left, {}},
                              {target.exact ? "insns/hit" : "ticks/hit", Align::right, {}},
                              {"stepped is", Align::right, {}},
                              {"boosted is", Align::right, {}}};
  for (const auto& row : target.per_hit.rows) {
    if (row.cell.handler != Handler::nop || row.cell.driver != DriverId::module) continue;
    columns[0].cells.emplace_back(info_of(row.cell.probe_type).name);
    columns[1].cells.emplace_back(name_of(row.state));
    columns[2].cells.push_back(fmt::format("{:.0f}", row.per_hit));
    columns[3].cells.push_back(ratio_text(row.ratio_to_stepped));
    columns[4].cells.push_back(ratio_text(row.ratio_to_boosted));
  }
  return columns[0].cells.empty() ? "" : layout(columns);
}

std::string workloads_text(const Reproduction& target) {
  std::string text;
  for (const auto& workload : target.told.workloads) {
    text += fmt::format("{}: {}\n", workload.name, name_of(workload.status));
  }
  return text;
}

std::string target_text(const Reproduction& target) {
  return target.target.info.id + "\n" + per_hit_text(target) + workloads_text(target);
}

}  // namespace

std::string reproduction_text(const std::vector<Reproduction>& targets) {
  std::string text;
  for (const auto& target : targets) {
    if (!text.empty()) text += "\n";
    text += target_text(target);
  }
  return text;
}

}  // namespace probebench
