// SPDX-License-Identifier: MIT
// From "--kernel X" to a kernel that boots and a build directory for modules. What was fetched is kept in
// the cache, verified before every use, and never trusted half-written.
#pragma once

#include <string>
#include <vector>

#include "kernels/progress.h"
#include "kernels/target_paths.h"

namespace probebench {

struct KernelRequest {
  std::string name = "auto";  // auto, stock, a name of the catalog, or a path: a vmlinuz or a build tree
  fs::path headers = {};      // with a path: the build directory; empty: the one of the running system
  bool refresh = false;       // look for a newer package although one is cached
};

struct Kernel {
  std::string name;             // as asked for
  std::string release;          // what uname -r says
  std::string package_version;  // empty for a kernel given by path
  fs::path image;               // what QEMU boots: the ELF vmlinux when `pvh`, else the vmlinuz
  bool pvh = false;
  fs::path vmlinuz;
  fs::path config;   // empty when the packages have none
  fs::path headers;  // for make -C
  std::string note;  // the fallback taken and why; empty if none
};

// Fetches the kernel unless the cache has it; then no network is used at all.
Result<Kernel> provide_kernel(const KernelRequest& request, const TargetPaths& paths, Progress& progress);

}  // namespace probebench
