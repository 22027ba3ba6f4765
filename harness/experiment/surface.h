// SPDX-License-Identifier: MIT
#pragma once

#include "experiment/context.h"

namespace probebench {

// One point of the surface: the operations with nothing armed and with the probes armed, and their hits.
SurfacePoint measure_surface_point(const SurfaceSetting& setting, const ExperimentContext& context);

}  // namespace probebench
