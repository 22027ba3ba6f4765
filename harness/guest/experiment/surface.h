// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "experiment/context.h"

namespace probebench::experiment {

struct SurfaceResult {
  std::vector<SurfacePoint> points;
  std::vector<ControlStep> life;  // of the probes, where they sit on functions
};

// Points that share their probes: for each the operations with nothing armed, with the probes armed, their
// hits, and again with nothing armed. Arming a thousand probes takes longer than measuring them.
SurfaceResult measure_surface(std::span<const SurfaceSetting> settings, const ExperimentContext& context);

}  // namespace probebench::experiment
