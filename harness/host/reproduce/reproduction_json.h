// SPDX-License-Identifier: MIT
// reproduce.json and predict.json; docs/reproduce.md describes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reproduce/prediction.h"
#include "reproduce/reproduction.h"
#include "wire/json_value.h"

namespace probebench::reproduce {

// predict.json; docs/reproduce.md describes it.

// Each with its target's id.
std::string write_predictions(const std::vector<std::pair<std::string, CommandPrediction>>& predictions,
                              const std::vector<std::string>& command);

wire::Json json_of_prediction(const PredictedWorkload& workload);

// reproduce.json; docs/reproduce.md describes it.

std::string write_reproductions(const std::vector<Reproduction>& targets,
                                const std::vector<std::string>& command);

}  // namespace probebench::reproduce
