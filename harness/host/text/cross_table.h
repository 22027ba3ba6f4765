// SPDX-License-Identifier: MIT
// Several targets side by side on the console: probe types down, kernels across.
#pragma once

#include <string>

#include "model/run_record.h"

namespace probebench::text {

// Cost per hit, and its change against the nearest kernel to the left that is of the same architecture (for a
// kernel with arguments: against the same kernel without), where both count the same unit. Fits 80 columns;
// kernels that do not fit follow in further blocks. What has no figure has a letter, and the letters' reasons
// are listed below.
std::string cross_table(const RunRecord& record);

}  // namespace probebench::text
