// SPDX-License-Identifier: MIT
// One point of the measured matrix, and the plan: all of them in order.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "model/clock.h"
#include "model/experiment_plan.h"
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

  // "<probe-type>/<driver>/<site>/<handler>/threads:N"
  std::string name() const;
  HandlerChoice handler_choice() const { return {handler, delay_ns}; }
  // The row of kPlacements it was made from.
  const Placement& placement() const { return *find_placement(probe_type, driver, site); }
  auto operator<=>(const Cell&) const = default;
};

// The cells of a probe type with a handler, one for each of its placements.
std::vector<Cell> cells_of(ProbeType probe_type, HandlerChoice handler, std::uint32_t threads = 1);
inline std::vector<Cell> cells_of(ProbeType probe_type, Handler handler) {
  return cells_of(probe_type, HandlerChoice{handler});
}

struct Plan {
  std::vector<Cell> cells;
  std::uint32_t rounds = 3;
  std::uint64_t seed = 1;
  ClockKind clock = ClockKind::instructions;
  ExperimentPlan experiment;  // of `reproduce`, after the cells
  bool paths = false;         // also make each cell's calls between marker instructions, see guest/run/rig.h
  std::vector<std::string> benchmark_args;  // passed to Google Benchmark as they are
};

}  // namespace probebench::inline model
