// SPDX-License-Identifier: MIT
// What main asks of the command line of `bisect`.
#pragma once

#include "cli/command.h"

namespace probebench::cli {

// Whether the exit code of this command line is read by `git bisect run`, whatever becomes of it.
bool is_bisect_step(const Arguments& line);

}  // namespace probebench::cli
