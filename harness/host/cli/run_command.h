// SPDX-License-Identifier: MIT
// The default subcommand: measure the plan's cells, show the table, write the run's files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command_result.h"
#include "cli/options.h"

namespace probebench {

// `command` is the command line, for the record.
Result<CommandResult> run_command_line(const Options& options, const std::vector<std::string>& command);

}  // namespace probebench
