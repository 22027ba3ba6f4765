// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "experiment/context.h"

namespace probebench::experiment {

// Return probes with fewer, as many and more instances than the probed function is active at once.
std::vector<KretprobeMisses> measure_kretprobe_misses(const ExperimentContext& context);

}  // namespace probebench::experiment
