// SPDX-License-Identifier: MIT
// What a dynamically linked program loads at its start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace probebench::vm {

struct SharedLibraries {
  fs::path interpreter;             // as the program names it; empty when it is static
  std::vector<fs::path> libraries;  // on this machine, sorted by file name
};

Result<SharedLibraries> shared_libraries(const fs::path& program);

// What ldd prints; `program` names the program in errors.
Result<SharedLibraries> parse_ldd(std::string_view output, const fs::path& program);

}  // namespace probebench::vm
