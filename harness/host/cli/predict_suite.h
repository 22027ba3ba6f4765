// SPDX-License-Identifier: MIT
// `predict --suite`: several questions, each a run of its own.
#pragma once

#include <functional>

#include "cli/predict_options.h"

namespace probebench::cli {

// What a question says itself may not stand beside --suite.
Status check_suite(const PredictOptions& options, const Arguments& passed);

// What is wrong with one of the questions is told before any is answered.
// Questions are taken and answered as those of the command line are.
struct OneQuestion {
  std::function<Status(Arguments passed, PredictOptions&)> take;
  std::function<Result<CommandResult>(const PredictOptions&, const Arguments& line)> answer;
};
Result<CommandResult> perform_suite(const PredictOptions& options, const Arguments& line,
                                    const OneQuestion& one);

}  // namespace probebench::cli
