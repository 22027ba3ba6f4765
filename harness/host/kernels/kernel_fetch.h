// SPDX-License-Identifier: MIT
// Downloads and unpacks one kernel into the cache.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kernels/kept_packages.h"
#include "kernels/kernel.h"
#include "kernels/kernel_packages.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// The cache's part with a directory for each kernel.
inline constexpr const char* kKernelsPart = "kernels";

// <cache>/kernels/<release>/ holds vmlinux, root/ (the unpacked packages) and manifest.json; it appears
// complete or not at all. Where another version of this release is there, it is <release>@<version>/. The
// packages are kept in the store, and those that it has are not downloaded.
Status fetch_kernel(const AptMirror& mirror, const KernelPackages& packages, const TargetPaths& paths,
                    Progress& progress);

// The same of kept packages alone. An error where the build tools need packages that are not kept.
Status unpack_kernel(const KeptPackages& kept, const TargetPaths& paths, Progress& progress);

// Downloads the packages of the kernel into the store, unless it has them.
Result<KeptPackages> keep_packages(const AptMirror& mirror, const KernelPackages& packages,
                                   const TargetPaths& paths, Progress& progress);

// The cached kernel of a directory's name, or of that release and version. A damaged one is removed, after
// saying so: the caller holds the lock.
std::optional<Kernel> cached_directory(const fs::path& cache, const std::string& name, Progress& progress);
std::optional<Kernel> cached_kernel(const fs::path& cache, const std::string& release,
                                    const std::string& version, Progress& progress);

// Downloads the packages by way of `debs`, which is removed, and unpacks them into `root`.
Status download_into(const AptMirror& mirror, const std::vector<AptPackage>& packages, const fs::path& debs,
                     const fs::path& root);

}  // namespace probebench::kernels
