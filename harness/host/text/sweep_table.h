// SPDX-License-Identifier: MIT
// Probe types down, and across what a sweep went through.
#pragma once

#include <string>
#include <vector>

#include "model/run_record.h"
#include "text/text.h"

namespace probebench::text {

// Probe types down, handlers across: what a handler adds to each mechanism.

// A sweep begins with the third handler; two are compared well enough in the tables of each.
inline constexpr std::size_t kSweepHandlers = 3;

// Empty when the rows have fewer handlers. Fits 80 columns.
std::string sweep_table(const std::vector<const CellRecord*>& rows, const Unit& unit);

// Probe types down, numbers of threads across: what several callers reach together.

// Empty when the rows have one number of threads. Fits 80 columns.
std::string scaling_table(const std::vector<const CellRecord*>& rows);

}  // namespace probebench::text
