// SPDX-License-Identifier: MIT
// A run for other programs and for pages; for a terminal it has its table (text/table.h).
#pragma once

#include <string>

#include "model/run_record.h"

namespace probebench::text {

// A line for each metric of each cell; a cell without any has one that says why.
std::string run_csv(const RunRecord& record);

// A table for each target, then what has no figure and why.
std::string run_markdown(const RunRecord& record);

}  // namespace probebench::text
