// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "reproduce/command_prediction.h"

namespace probebench {

std::string prediction_text(const TargetInfo& target, const CommandPrediction& prediction);

}  // namespace probebench
