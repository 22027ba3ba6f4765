// SPDX-License-Identifier: MIT
// What the commands that measure do alike.
#pragma once

#include <functional>

#include "cli/option_groups.h"
#include "session/run.h"

namespace probebench::cli {

// Adds to what a command prints what it makes of a run; there may be more to note while it does.
using Show = std::function<void(const session::RunOutcome&, CommandResult&, session::RunProgress&)>;

// Before anything is measured: minutes later is late to learn that a name was wrong. Nothing is copied to ""
// and "-".
Status check_copy(const char* option, const std::filesystem::path& path);

// Runs `request` and shows what came of it; under --dry-run it shows what would be run.
Result<CommandResult> measure(const MeasuringOptions& options, const session::RunRequest& request,
                              const Show& show);

// Of all targets and cells that there are.
std::string table_of(const session::RunOutcome& outcome);

}  // namespace probebench::cli
