// SPDX-License-Identifier: MIT
#pragma once

#include "experiment/context.h"

namespace probebench::experiment {

// The suites one after the other, each group of functions under every mechanism. Tells a Workload for each
// workload of each suite, and a Suite at the end of each. False when something errored or is invalid.
bool run_workloads(const WorkloadPlan& plan, const ExperimentContext& context);

}  // namespace probebench::experiment
