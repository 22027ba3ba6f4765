// SPDX-License-Identifier: MIT
// Which packages a kernel name stands for, on the machine's own mirror.
#pragma once

#include <string>
#include <vector>

#include "kernels/apt_mirror.h"
#include "kernels/kernel_catalog.h"
#include "kernels/progress.h"
#include "kernels/target_paths.h"

namespace probebench::kernels {

struct KernelPackages {
  std::string release;
  std::string version;
  std::vector<AptPackage> packages;  // image, headers and what their build needs
};

// An opened mirror and what it offers under a name.
struct KernelOffer {
  AptMirror mirror;
  std::vector<AptPackage> images;  // best first; more than one only for `auto`
};

// `auto`: the newest of each series, newest series first, then the stock one; otherwise an entry of the
// catalog that names no image. Private apt directories are kept in the cache.
Result<KernelOffer> find_kernels(const std::string& name, const KernelCatalog& catalog,
                                 const TargetPaths& paths, Progress& progress);

// The same for one entry.
Result<KernelOffer> find_kernel(const CatalogEntry& entry, const TargetPaths& paths, Progress& progress);

// The image package with the packages that make it bootable and buildable against.
Result<KernelPackages> complete_packages(const AptMirror& mirror, const AptPackage& image);

// What the build tools of the kernel's headers run with, from its own suite: libraries, loader, pahole.
Result<std::vector<AptPackage>> tool_packages(const AptMirror& mirror, const KernelPackages& packages);

// Whether "linux-image-6.12.117+deb12-cloud-amd64" is of this flavour ("amd64" is another than
// "cloud-amd64").
bool has_flavour(std::string_view image, std::string_view flavour);

// "6.12.117+deb12-cloud-amd64" -> "6.12".
std::string series_of(std::string_view release);

// The first of each series, in order; packages that only depend on another image are left out.
std::vector<AptPackage> newest_per_series(const std::vector<AptPackage>& newest_first);

}  // namespace probebench::kernels
