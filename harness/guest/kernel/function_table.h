// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <set>
#include <string>

#include "base/result.h"

namespace probebench::kernel {

struct KernelFunction {
  std::uint64_t address = 0;
  std::uint64_t size = 0;       // up to the next symbol
  std::uint32_t namesakes = 1;  // functions of this name; the address is the first one's
};

using FunctionTable = std::map<std::string, KernelFunction>;

// The wanted symbols that the listing (/proc/kallsyms) has, with where each one ends.
FunctionTable find_functions(std::istream& listing, const std::set<std::string>& wanted);
Result<FunctionTable> find_kernel_functions(const std::set<std::string>& wanted);

}  // namespace probebench::kernel
