// SPDX-License-Identifier: MIT
// predict.json; docs/reproduce.md describes it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reproduce/command_prediction.h"

namespace probebench::reproduce {

// Each with its target's id.
std::string write_predictions(const std::vector<std::pair<std::string, CommandPrediction>>& predictions,
                              const std::vector<std::string>& command);

}  // namespace probebench::reproduce
