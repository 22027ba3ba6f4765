// SPDX-License-Identifier: MIT
// A comparison or a judgement on the console.
#pragma once

#include <string>

#include "gate/report.h"

namespace probebench {

// Fits 80 columns.
std::string gate_text(const Report& report);

}  // namespace probebench
