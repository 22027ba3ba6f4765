// SPDX-License-Identifier: MIT
// Anatomies for a terminal of 80 columns.
#pragma once

#include <string>
#include <vector>

#include "anatomy/anatomy.h"

namespace probebench {

// Each path in order, indented by depth, then its phases.
std::string anatomy_text(const std::vector<Anatomy>& anatomies);

// Two paths by function and by phase, with the changes and their sum.
std::string difference_text(const Anatomy& first, const Anatomy& second);

}  // namespace probebench
