// SPDX-License-Identifier: MIT
// The plan of `reproduce`: which cells and which experiments its parts are made of.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/experiment_plan.h"
#include "plan/plan_options.h"

namespace probebench::plan {

// Cells are chosen for every part: what a hit costs is what the others are compared with.
void choose_experiments(const std::set<ExperimentPart>& parts, std::vector<std::string> command,
                        PlanOptions& options);

}  // namespace probebench::plan
