// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/experiment.h"
#include "reproduce/modelled.h"
#include "reproduce/per_hit.h"
#include "reproduce/workload_prediction.h"

namespace probebench::reproduce {

// One sentence that reconciles "10x" (Hiramatsu) with "not so much" (Reeves) by what one target showed: the
// ratio of a hit, the slowdown at two corners of the surface, and that of whole workloads. Empty where no hit
// was measured.
std::string verdict_of(const PerHit& per_hit, const std::vector<ModelledTime>& modelled,
                       const std::vector<SurfacePoint>& surface,
                       const std::vector<PredictedWorkload>& workloads = {});

}  // namespace probebench::reproduce
