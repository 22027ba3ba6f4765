// SPDX-License-Identifier: MIT
// From "--kernel X" to a kernel that boots and a build directory for modules. What was fetched is kept in
// the cache, verified before every use, and never trusted half-written.
#pragma once

#include <string>

#include "kernels/kept_packages.h"
#include "kernels/kernel.h"
#include "kernels/progress.h"
#include "kernels/target_paths.h"

namespace probebench::kernels {

struct KernelRequest {
  std::string name = "auto";  // auto, stock, a name of the catalog, or a path: see users_kernel.h
  fs::path headers = {};      // with a path: where modules are built; empty: it is looked for
  bool refresh = false;       // look for a newer package although one is cached
  ArchId arch = ArchId::x86_64;
};

// The packages of a kernel that the catalog names, downloaded unless they are kept already. A kernel by path
// has none: a usage error.
Result<KeptPackages> provide_packages(const std::string& name, const TargetPaths& paths, Progress& progress);

// Fetches the kernel unless the cache has it; then no network is used at all.
Result<Kernel> provide_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress);

}  // namespace probebench::kernels
