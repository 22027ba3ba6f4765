// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "model/workload.h"
#include "reproduce/workload_prediction.h"

namespace probebench::text {

// A table for each suite: the slowdown of each workload by mechanism, and how far the prediction is from it;
// then what was probed and what became of it.
std::string workloads_text(const std::vector<reproduce::PredictedWorkload>& workloads,
                           const std::vector<Suite>& suites);

}  // namespace probebench::text
