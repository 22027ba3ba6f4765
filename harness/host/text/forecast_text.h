// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "reproduce/forecast.h"

namespace probebench {

std::string forecast_text(const std::string& target, const Forecast& forecast);

}  // namespace probebench
