// SPDX-License-Identifier: MIT
// What makes a point of the surface, and misses of return probes, valid.
#pragma once

#include <optional>
#include <string>

#include "model/cell.h"
#include "model/experiment.h"

namespace probebench::verify {

// Why the point is invalid; nothing: it is valid. `base_after` is the operation with nothing armed, measured
// again after the probes were taken away; where instructions are counted it has to be the same.
std::optional<std::string> judge(const SurfacePoint& point, double base_after, ClockKind clock);

// Each call is a hit, or a miss that the kernel counted. How many are which is the kernel's answer.
std::optional<std::string> judge(const KretprobeMisses& misses);

}  // namespace probebench::verify
