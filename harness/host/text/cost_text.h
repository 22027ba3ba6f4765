// SPDX-License-Identifier: MIT
// What `cost` prints: a block for each target.
#pragma once

#include <string>

#include "probe_cost/cost_summary.h"

namespace probebench::text {

std::string cost_text(const cost::TargetCost& cost);

}  // namespace probebench::text
