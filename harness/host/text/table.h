// SPDX-License-Identifier: MIT
// A run on the console: a table for each target, then what is missing from it and why.
#pragma once

#include <string>

#include "model/run_record.h"

namespace probebench::text {

// Fits 80 columns. Ends with one sentence on the machine and the unit.
std::string table(const RunRecord& record);

}  // namespace probebench::text
