// SPDX-License-Identifier: MIT
#pragma once

#include "base/file.h"

namespace probebench::kernels {

// Where the target's inputs are and where what it fetches and builds is kept.
struct TargetPaths {
  fs::path project_root;       // holds ci/kernels.toml and kmod/
  fs::path cache;              // created when missing
  fs::path system = "/";       // holds etc/apt and etc/os-release; tests have their own
  fs::path kernels_file = {};  // a user's own kernel catalog; empty: ci/kernels.toml
  fs::path kernel_cache = {};  // where packages of kernels are kept, for several users; empty: the cache

  const fs::path& store() const { return kernel_cache.empty() ? cache : kernel_cache; }
  // The user's own, else that of the machine's distribution.
  fs::path catalog() const;
};

// $XDG_CACHE_HOME/probebench, else ~/.cache/probebench.
Result<fs::path> default_cache();

}  // namespace probebench::kernels
