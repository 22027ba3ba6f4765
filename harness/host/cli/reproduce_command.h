// SPDX-License-Identifier: MIT
// What `reproduce` does beside measuring: it fits, predicts and shows one page instead of a table.
#pragma once

#include <string>
#include <vector>

#include "cli/command_result.h"
#include "cli/options.h"
#include "session/run_book.h"

namespace probebench {

// Measures and shows what `options` asks for: the suites of suites, the user's command among the
// workloads.
Result<CommandResult> reproduce_command(Options options, const std::vector<std::string>& command);

// Writes reproduce.json and puts the page into `result`. An experiment that failed makes the run exit 1.
CommandResult with_reproduction(const RunBook& book, CommandResult result);

}  // namespace probebench
