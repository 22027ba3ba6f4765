// SPDX-License-Identifier: MIT
// A comparison or a judgement on the console.
#pragma once

#include <string>

#include "gate/report.h"

namespace probebench::text {

// Fits 80 columns.
std::string gate_text(const gate::Report& report);

}  // namespace probebench::text
