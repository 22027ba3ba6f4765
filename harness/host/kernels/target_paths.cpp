// SPDX-License-Identifier: MIT
#include "kernels/target_paths.h"

#include <fmt/format.h>

#include <cstdlib>

#include "kernels/apt_sources.h"

namespace probebench::kernels {

fs::path TargetPaths::catalog() const {
  if (!kernels_file.empty()) return kernels_file;
  const auto own = project_root / "ci" / fmt::format("kernels.{}.toml", distribution_of(system));
  std::error_code none;
  return fs::exists(own, none) ? own : project_root / "ci/kernels.toml";
}

Result<fs::path> default_cache() {
  // The specification says to ignore a relative XDG_CACHE_HOME.
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return fs::path(cache) / "probebench";
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) {
    // A home that is not there is meant not to be: accounts of services have one such.
    std::error_code unknown;
    if (fs::is_directory(home, unknown)) return fs::path(home) / ".cache" / "probebench";
    return Error{Fault::infra, fmt::format("find a cache directory: HOME={} is no directory", home), 0,
                 "set XDG_CACHE_HOME to a directory that you may write to"};
  }
  return Error{Fault::infra, "find a cache directory: neither XDG_CACHE_HOME nor HOME is an absolute path", 0,
               "set XDG_CACHE_HOME"};
}

}  // namespace probebench::kernels
