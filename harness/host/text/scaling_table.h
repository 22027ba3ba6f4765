// SPDX-License-Identifier: MIT
// Probe types down, numbers of threads across: what several callers reach together.
#pragma once

#include <string>
#include <vector>

#include "model/run_record.h"

namespace probebench::text {

// Empty when the rows have one number of threads. Fits 80 columns.
std::string scaling_table(const std::vector<const CellRecord*>& rows);

}  // namespace probebench::text
