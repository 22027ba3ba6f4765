// SPDX-License-Identifier: MIT
// Builds modules against a kernel's headers, once per (sources, kernel, compiler).
#pragma once

#include <string>
#include <string_view>

#include "kernels/kernel.h"
#include "kernels/progress.h"

namespace probebench::modules {

using kernels::Kernel;
using kernels::Progress;

struct BuiltModule {
  fs::path path;
  std::string sha256;
  std::string compiler;  // first line of its --version
  std::string btf;       // "yes", or "no: " and why
};

Result<BuiltModule> build_module(const Kernel& kernel, const fs::path& kmod_dir, const fs::path& cache,
                                 Progress& progress);
// A module of the user's, of one source, as ours is built.
Result<BuiltModule> build_users_module(const Kernel& kernel, const fs::path& source, const fs::path& cache,
                                       Progress& progress);

// Whether a module was built for the kernel of that release: another one refuses it.
bool is_module_for(std::string_view module, const std::string& release);

// The line of make's output that says why it failed, without the build directory's path.
std::string first_build_error(std::string_view log, const fs::path& build_directory);

}  // namespace probebench::modules
