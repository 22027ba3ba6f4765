// SPDX-License-Identifier: MIT
#pragma once

#include "experiment/context.h"

namespace probebench::experiment {

// Counts the hits of the plan's sites while its command runs, by the cheapest means that this target has:
// ftrace or kprobes of the helper module, else perf events. False when something failed.
bool run_predict(const PredictPlan& plan, const ExperimentContext& context);

}  // namespace probebench::experiment
