// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "anatomy/path.h"
#include "base/result.h"

namespace probebench::anatomy {

// What the path plugin wrote: one path for each marked loop, the first is loop 1. A path that has a beginning
// and no end, or a line that is none, is an error that names the line.
Result<std::vector<Path>> parse_paths(std::string_view text);
Result<std::vector<Path>> read_paths(const std::filesystem::path& file);

}  // namespace probebench::anatomy
