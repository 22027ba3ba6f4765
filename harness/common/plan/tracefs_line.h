// SPDX-License-Identifier: MIT
// FILE=LINE, as the command line and suites of recipes have it.
#pragma once

#include <string>

#include "base/result.h"
#include "model/cost.h"

namespace probebench::plan {

// "events/kprobes/mine/enable=1". Errors are usage errors that say what is wrong with it; `where` begins
// them.
Result<TracefsLine> tracefs_line_from(const std::string& where, const std::string& text);

}  // namespace probebench::plan
