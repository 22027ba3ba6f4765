// SPDX-License-Identifier: MIT
#include "model/cell.h"

namespace probebench::inline model {

std::string Cell::name() const {
  const auto type = external ? kExternalType : info_of(probe_type).name;
  const auto caller = external ? kExternalDriver : info_of(driver).name;
  const auto place = external ? info_of(external->workload).name : info_of(site).name;
  std::string text(type);
  for (const std::string_view part : {caller, place}) {
    text += '/';
    text += part;
  }
  const auto what = external ? external->handler() : name_of(handler_choice());
  return text + '/' + what + "/threads:" + std::to_string(threads);
}

std::vector<Cell> cells_of(ProbeType probe_type, HandlerChoice handler, std::uint32_t threads, ArchId arch) {
  std::vector<Cell> cells;
  for (const auto& placement : kPlacements) {
    if (placement.probe_type != probe_type || placement.only.value_or(arch) != arch) continue;
    cells.push_back({probe_type, placement.driver, placement.site, handler.id, handler.delay_ns, threads});
  }
  return cells;
}

}  // namespace probebench::inline model
