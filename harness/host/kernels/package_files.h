// SPDX-License-Identifier: MIT
// Packages that the user has as files, unpacked without any package manager.
#pragma once

#include "base/file.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// By its name: .deb or .rpm.
bool is_package(const fs::path& file);

// The root that the package was unpacked into, in the cache, once for each content. Nothing leaves that root:
// entries with "..", absolute paths and ways through links are refused.
Result<fs::path> unpacked_package(const fs::path& file, const fs::path& cache, Progress& progress);

}  // namespace probebench::kernels
