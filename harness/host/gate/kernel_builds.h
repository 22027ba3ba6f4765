// SPDX-License-Identifier: MIT
// Two builds of one kernel's source: what is meant to differ between them, and what of a count is owed to
// where the linker put things.
#pragma once

#include <string_view>

#include "gate/side.h"

namespace probebench::gate {

// Two kernels of users', given by path. Their release is the same but for its local version.
bool are_builds_of_one_kernel(const SideTarget& base, const SideTarget& head);

// Of two such builds: whether this fact differs in any two of them.
bool differs_by_build(std::string_view fact);

// The kernels are not the very same build, so addresses differ.
bool is_laid_out_otherwise(const SideTarget& base, const SideTarget& head);

// The handler walks the stack. How long the unwinder searches its tables depends on addresses.
bool follows_layout(const SideCell& cell);

}  // namespace probebench::gate
