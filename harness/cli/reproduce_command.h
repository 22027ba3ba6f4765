// SPDX-License-Identifier: MIT
// What `reproduce` does beside measuring: it fits, predicts and shows one page instead of a table.
#pragma once

#include "cli/command_result.h"
#include "cli/run_book.h"

namespace probebench {

// Writes reproduce.json and puts the page into `result`. An experiment that failed makes the run exit 1.
CommandResult with_reproduction(const RunBook& book, CommandResult result);

}  // namespace probebench
