// SPDX-License-Identifier: MIT
// Blocks that people paste into mails of at most 72 columns.
#pragma once

#include <string>

#include "gate/report.h"

namespace probebench::gate {

// For a commit message: the rows that changed, the functions they changed in, where it was measured and the
// command that does so.
std::string report_patch(const Report& report);

// For the cover letter of a series: all rows, without it and with it.
std::string report_cover(const Report& report);

}  // namespace probebench::gate
