// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "cli/command_result.h"
#include "cli/options.h"
#include "session/run_book.h"

namespace probebench {

// Counts, measures what a hit costs on the same target, and multiplies.
Result<CommandResult> predict_command(Options options, const std::vector<std::string>& command);

// Writes predict.json and puts the answer into `result`.
CommandResult with_prediction(const RunBook& book, CommandResult result);

}  // namespace probebench
