// SPDX-License-Identifier: MIT
// The command line of `predict`.
#pragma once

#include "cli/predict_options.h"

namespace probebench::cli {

void add_options(CLI::App& app, PredictOptions& options);
// The options are parsed: the plan that they stand for. `passed` is the command. Errors are usage errors.
Status take_options(Arguments passed, PredictOptions& options);

Result<CommandResult> perform(const PredictOptions& options, const Arguments& line);

}  // namespace probebench::cli
