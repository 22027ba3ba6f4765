// SPDX-License-Identifier: MIT
// The rules of the second opinion for x86-64.
#pragma once

#include <optional>
#include <string>

#include "model/sample.h"

namespace probebench::verify::x86 {

// Why the evidence does not say what its `state` claims.
std::optional<std::string> objection(const Evidence& evidence);

}  // namespace probebench::verify::x86
