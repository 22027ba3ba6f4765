// SPDX-License-Identifier: MIT
// `predict --suite`: several questions, each a run of its own.
#pragma once

#include "cli/predict_command.h"

namespace probebench::cli {

// What a question says itself may not stand beside --suite.
Status check_suite(const PredictOptions& options, const Arguments& passed);

// What is wrong with one of the questions is told before any is answered.
Result<CommandResult> perform_suite(const PredictOptions& options, const Arguments& line);

}  // namespace probebench::cli
