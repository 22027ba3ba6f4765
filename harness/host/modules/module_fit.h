// SPDX-License-Identifier: MIT
// What make must be told so that this machine's compiler and tools fit a kernel's headers.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.h"

namespace probebench::modules {

struct ModuleFit {
  std::vector<std::string> variables;    // NAME=value arguments of make
  std::string no_btf;                    // why the module will have no BTF; empty: it will
  std::vector<std::string> btf_command;  // makes it, of a module named last; empty: the kernel's makefiles do
};

Result<ModuleFit> fit_module(const kernels::Kernel& kernel, const std::string& compiler);

// "v1.24" -> 124, as CONFIG_PAHOLE_VERSION has it; 0 for anything else.
int pahole_version(std::string_view text);

}  // namespace probebench::modules
