// SPDX-License-Identifier: MIT
// Builds probebench.ko against a kernel's headers, once per (sources, kernel, compiler).
#pragma once

#include <string>
#include <string_view>

#include "kernels/kernel.h"
#include "kernels/progress.h"

namespace probebench::kernels {

struct BuiltModule {
  fs::path path;
  std::string sha256;
  std::string compiler;  // first line of its --version
  std::string btf;       // "yes", or "no: " and why
};

Result<BuiltModule> build_module(const Kernel& kernel, const fs::path& kmod_dir, const fs::path& cache,
                                 Progress& progress);

// The line of make's output that says why it failed, without the build directory's path.
std::string first_build_error(std::string_view log, const fs::path& build_directory);

}  // namespace probebench::kernels
