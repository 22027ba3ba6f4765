// SPDX-License-Identifier: MIT
// What `cost --suite` prints: a table for each target.
#pragma once

#include <string>
#include <vector>

#include "model/cost.h"

namespace probebench::text {

struct RecipeRow {
  std::string recipe;
  const ProbeCost* cost = nullptr;  // none: it was not measured
};

// Fits 80 columns. What has no figure has its reason below it.
std::string recipes_table(const std::string& target, const std::vector<RecipeRow>& rows);

}  // namespace probebench::text
