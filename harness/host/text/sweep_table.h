// SPDX-License-Identifier: MIT
// Probe types down, handlers across: what a handler adds to each mechanism.
#pragma once

#include <string>
#include <vector>

#include "text/unit.h"

namespace probebench::text {

// A sweep begins with the third handler; two are compared well enough in the tables of each.
inline constexpr std::size_t kSweepHandlers = 3;

// Empty when the rows have fewer handlers. Fits 80 columns.
std::string sweep_table(const std::vector<const CellRecord*>& rows, const Unit& unit);

}  // namespace probebench::text
