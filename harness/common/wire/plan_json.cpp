// SPDX-License-Identifier: MIT
#include <stdexcept>

#include "wire/experiment_json.h"
#include "wire/records.h"

namespace probebench::wire {
namespace {

Json json_of_planned(const Cell& cell) {
  return {{"probe_type", info_of(cell.probe_type).name},
          {"driver", info_of(cell.driver).name},
          {"site", info_of(cell.site).name},
          {"handler", name_of(cell.handler_choice())},
          {"threads", cell.threads}};
}

Cell planned_from(const Json& value) {
  const auto handler = handler_from(value.at("handler"));
  const Cell cell{.probe_type = id_from(kProbeTypes, value.at("probe_type")),
                  .driver = id_from(kDrivers, value.at("driver")),
                  .site = id_from(kSites, value.at("site")),
                  .handler = handler.id,
                  .delay_ns = handler.delay_ns,
                  .threads = whole_from<std::uint32_t>(value.at("threads"))};
  if (find_placement(cell.probe_type, cell.driver, cell.site) == nullptr) {
    throw std::out_of_range("no placement for " + cell.name());
  }
  return cell;
}

}  // namespace

std::string encode_plan(const Plan& plan) {
  Json cells = Json::array();
  for (const auto& cell : plan.cells) cells.push_back(json_of_planned(cell));
  const Json json = {{"cells", cells},
                     {"rounds", plan.rounds},
                     {"seed", plan.seed},
                     {"clock", info_of(plan.clock).name},
                     {"paths", plan.paths},
                     {"benchmark_args", plan.benchmark_args},
                     {"experiment", json_of_experiment_plan(plan.experiment)}};
  return json.dump();
}

Result<Plan> decode_plan(std::string_view text) {
  try {
    const Json value = Json::parse(text);
    Plan plan;
    for (const auto& cell : value.at("cells")) plan.cells.push_back(planned_from(cell));
    read_whole(value, "rounds", plan.rounds);
    read_whole(value, "seed", plan.seed);
    plan.clock = id_from(kClocks, value.at("clock"));
    value.at("paths").get_to(plan.paths);
    plan.experiment = experiment_plan_from(value.at("experiment"));
    value.at("benchmark_args").get_to(plan.benchmark_args);
    return plan;
  } catch (const std::exception& error) {
    return Error{Fault::infra, std::string("unreadable plan: ") + error.what(), 0, {}};
  }
}

}  // namespace probebench::wire
