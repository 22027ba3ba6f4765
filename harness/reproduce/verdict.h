// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/experiment.h"
#include "reproduce/modelled.h"
#include "reproduce/per_hit.h"

namespace probebench {

// One sentence that reconciles "10x" (Hiramatsu) with "not so much" (Reeves) by what one target showed: the
// ratio of a hit, and the slowdown at two corners of the surface. Empty where neither was measured.
std::string verdict_of(const PerHit& per_hit, const std::vector<ModelledTime>& modelled,
                       const std::vector<SurfacePoint>& surface);

}  // namespace probebench
