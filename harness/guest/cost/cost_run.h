// SPDX-License-Identifier: MIT
// What a user's own probe costs an operation, measured inside the target.
#pragma once

#include <functional>

#include "model/cost.h"
#include "model/environment.h"

namespace probebench::cost {

// Nothing armed, armed, and disarmed again; what was armed as the kernel tells it, and each hit counted.
// `step` is called with what comes next. Where the clock counts nothing, the kernel is a running machine's:
// what is armed is then taken away by another process if this one is killed.
ProbeCost run_cost(const CostPlan& plan, ClockKind clock, const std::function<void(const char*)>& step);

}  // namespace probebench::cost
