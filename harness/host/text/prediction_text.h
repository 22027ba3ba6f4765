// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "reproduce/command_prediction.h"

namespace probebench::text {

std::string prediction_text(const TargetInfo& target, const reproduce::CommandPrediction& prediction);

}  // namespace probebench::text
