// SPDX-License-Identifier: MIT
// What `reproduce` prints: one page.
#pragma once

#include <string>
#include <vector>

#include "reproduce/reproduction.h"

namespace probebench::text {

std::string reproduction_text(const std::vector<reproduce::Reproduction>& targets);

}  // namespace probebench::text
