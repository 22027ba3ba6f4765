// SPDX-License-Identifier: MIT
// Anatomies for a terminal of 80 columns.
#pragma once

#include <string>
#include <vector>

#include "anatomy/anatomy.h"

namespace probebench::text {

// Each path in order, indented by depth, then its phases.
std::string anatomy_text(const std::vector<anatomy::Anatomy>& anatomies);

// Two paths by function and by phase, with the changes and their sum.
std::string difference_text(const anatomy::Anatomy& first, const anatomy::Anatomy& second);

}  // namespace probebench::text
