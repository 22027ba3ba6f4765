// SPDX-License-Identifier: MIT
// Anatomies as anatomy.json has them, and as flame-graph tools read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anatomy/anatomy.h"

namespace probebench::anatomy {

std::string write_anatomies(const std::vector<Anatomy>& anatomies);
// An infra error for a text that is none of ours.
Result<std::vector<Anatomy>> read_anatomies(std::string_view text);

// Two of them function by function, with the sum.
std::string write_difference(const Anatomy& first, const Anatomy& second);

// "<target>;<cell>;<function>;... <instructions>", one line for each stack: folded stacks.
std::string folded(const std::vector<Anatomy>& anatomies);

}  // namespace probebench::anatomy
