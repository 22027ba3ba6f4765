// SPDX-License-Identifier: MIT
// The compiler that built a kernel builds its modules: instrumentation, CFI and what the configuration asks
// of the compiler are its own.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "model/arch.h"

namespace probebench::modules {

struct Toolchain {
  std::string compiler;                // a program
  std::vector<std::string> variables;  // NAME=value arguments of make, beside CC
  std::string prefix = {};             // of the names of other tools: "aarch64-linux-gnu-"
};

// Of the headers' configuration. A kernel that clang built needs clang of the same version; an error names
// the package. For one that gcc built the default one does, where gcc of its version is not installed.
Result<Toolchain> toolchain_for(const fs::path& headers, ArchId arch);

}  // namespace probebench::modules
