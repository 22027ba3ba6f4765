// SPDX-License-Identifier: MIT
// A probe of the user's as a cell among others, for whoever reads results.json.
#pragma once

#include <string>

#include "model/cost.h"
#include "model/environment.h"
#include "model/run_record.h"

namespace probebench::session {

// Cell::name() of the one that the plan makes.
std::string name_of(const CostPlan& plan);

// `plan` is what was asked of the target, `cost` what it told.
CellRecord external_cell(const CostPlan& plan, const ProbeCost& cost, const TargetInfo& target);

}  // namespace probebench::session
