// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "experiment/context.h"

namespace probebench {

// The life of so many probes, step by step: registered, armed, optimized, disarmed, unregistered; and their
// memory.
std::vector<ControlStep> measure_control_plane(std::uint32_t probes, const ExperimentContext& context);

}  // namespace probebench
