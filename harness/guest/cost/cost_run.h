// SPDX-License-Identifier: MIT
// What a user's own probe costs an operation, measured inside the target.
#pragma once

#include <functional>

#include "model/cost.h"

namespace probebench::cost {

// Nothing armed, armed, and disarmed again; what was armed as the kernel tells it, and each hit counted.
// `step` is called with what comes next.
ProbeCost run_cost(const CostPlan& plan, const std::function<void(const char*)>& step);

}  // namespace probebench::cost
