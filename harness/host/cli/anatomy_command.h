// SPDX-License-Identifier: MIT
// What `anatomy` does beside measuring: it shows paths instead of a table.
#pragma once

#include "cli/command_result.h"
#include "cli/options.h"
#include "session/run_book.h"

namespace probebench {

// Whether the options of `anatomy` go together; of another command they do. Errors are usage errors.
Status check_anatomy(const Options& options);
// The same for `paths` planned cells on all targets.
Status check_comparison(const Options& options, std::size_t paths);

// Writes anatomy.json and puts the paths into `result` as they were asked for.
CommandResult with_anatomies(const Options& options, const RunBook& book, CommandResult result);

}  // namespace probebench
