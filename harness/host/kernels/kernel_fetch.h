// SPDX-License-Identifier: MIT
// Downloads and unpacks one kernel into the cache.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernel.h"
#include "kernels/kernel_packages.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// The cache's part with a directory for each kernel.
inline constexpr const char* kKernelsPart = "kernels";

// <cache>/kernels/<release>/ holds vmlinux, root/ (the unpacked packages) and manifest.json; it appears
// complete or not at all.
Status fetch_kernel(const AptMirror& mirror, const KernelPackages& packages, const fs::path& cache,
                    Progress& progress);

// Downloads the packages by way of `debs`, which is removed, and unpacks them into `root`.
Status download_into(const AptMirror& mirror, const std::vector<AptPackage>& packages, const fs::path& debs,
                     const fs::path& root);

}  // namespace probebench::kernels
