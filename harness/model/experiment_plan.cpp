// SPDX-License-Identifier: MIT
#include "model/experiment_plan.h"

namespace probebench {

std::string SurfaceSetting::name() const {
  const auto number = [](std::uint32_t value) { return std::to_string(value); };
  return std::string(jump ? "jump" : "int3") + ", " + name_of(handler) + ", work " + number(work) + ", " +
         number(hits_per_op) + " hits/op, " + number(probes) + " probes (" + std::string(name_of(layout)) +
         ")";
}

std::size_t ExperimentPlan::steps() const {
  return surface.size() + control_plane.size() + (kretprobe_misses ? 1 : 0) + (workloads.wanted ? 1 : 0);
}

}  // namespace probebench
