// SPDX-License-Identifier: MIT
// Downloads and unpacks one kernel into the cache.
#pragma once

#include <string>

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

}  // namespace probebench::kernels
