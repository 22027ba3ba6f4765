// SPDX-License-Identifier: MIT
// One point of the measured matrix.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/external_probe.h"
#include "model/handler.h"
#include "model/placement.h"

namespace probebench::inline model {

struct Cell {
  ProbeType probe_type = ProbeType::kprobe_stepped;
  DriverId driver = DriverId::module;
  SiteId site = SiteId::mid_step;
  Handler handler = Handler::nop;
  std::uint32_t delay_ns = 0;  // Handler::delay only
  std::uint32_t threads = 1;   // that make calls at the same time, each on a CPU of its own
  // A probe of the user's: it takes the place of all above but for the threads. No plan has such cells.
  std::optional<ExternalProbe> external = {};

  // "<probe-type>/<driver>/<site>/<handler>/threads:N"
  std::string name() const;
  HandlerChoice handler_choice() const { return {handler, delay_ns}; }
  // The row of kPlacements it was made from; an external one was made from none.
  const Placement& placement() const { return *find_placement(probe_type, driver, site); }
  auto operator<=>(const Cell&) const = default;
};

// Whether the cell's row is one of the architecture.
inline bool is_on(const Cell& cell, ArchId arch) {
  return cell.external || cell.placement().only.value_or(arch) == arch;
}

// The cells of a probe type with a handler, one for each of its placements on that architecture.
std::vector<Cell> cells_of(ProbeType probe_type, HandlerChoice handler, std::uint32_t threads = 1,
                           ArchId arch = ArchId::x86_64);
inline std::vector<Cell> cells_of(ProbeType probe_type, Handler handler) {
  return cells_of(probe_type, HandlerChoice{handler});
}

}  // namespace probebench::inline model
