// SPDX-License-Identifier: MIT
#include "model/cell.h"

namespace probebench::inline model {

std::string Cell::name() const {
  std::string text(info_of(probe_type).name);
  for (const std::string_view part : {info_of(driver).name, info_of(site).name}) {
    text += '/';
    text += part;
  }
  return text + '/' + name_of(handler_choice()) + "/threads:" + std::to_string(threads);
}

std::vector<Cell> cells_of(ProbeType probe_type, HandlerChoice handler, std::uint32_t threads) {
  std::vector<Cell> cells;
  for (const auto& placement : kPlacements) {
    if (placement.probe_type != probe_type) continue;
    cells.push_back({probe_type, placement.driver, placement.site, handler.id, handler.delay_ns, threads});
  }
  return cells;
}

}  // namespace probebench::inline model
