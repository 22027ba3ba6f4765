// SPDX-License-Identifier: MIT
// reproduce.json; docs/reproduce.md describes it.
#pragma once

#include <string>
#include <vector>

#include "reproduce/reproduction.h"

namespace probebench::reproduce {

std::string write_reproductions(const std::vector<Reproduction>& targets,
                                const std::vector<std::string>& command);

}  // namespace probebench::reproduce
