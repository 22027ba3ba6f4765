// SPDX-License-Identifier: MIT
// A run on the console.
#pragma once

#include <string>

#include "model/run_record.h"

namespace probebench::text {

// A run on the console: a table for each target, then what is missing from it and why.

// Fits 80 columns. Ends with one sentence on the machine and the unit.
std::string table(const RunRecord& record);

// "NAME is invalid: REASON", a line for each cell that was errored or invalid: why a command whose text shows
// no cells does not exit with 0.
std::string failed_cells(const RunRecord& record);

}  // namespace probebench::text
