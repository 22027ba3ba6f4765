// SPDX-License-Identifier: MIT
#pragma once

#include "experiment/context.h"

namespace probebench::experiment {

// Runs what the plan asks for, one after the other, and tells every result as soon as there is one. What
// cannot run here is told as skipped, what failed as errored: neither stops the rest. False when something
// errored or is invalid.
bool run_experiments(const ExperimentPlan& plan, const ExperimentContext& context);

}  // namespace probebench::experiment
