// SPDX-License-Identifier: MIT
#include "kernels/target_paths.h"

#include <cstdlib>

namespace probebench::kernels {

Result<fs::path> default_cache() {
  // The specification says to ignore a relative XDG_CACHE_HOME.
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && fs::path(cache).is_absolute()) return fs::path(cache) / "probebench";
  const char* home = std::getenv("HOME");
  if (home != nullptr && fs::path(home).is_absolute()) return fs::path(home) / ".cache" / "probebench";
  return Error{Fault::infra, "find a cache directory: neither XDG_CACHE_HOME nor HOME is an absolute path", 0,
               "set XDG_CACHE_HOME"};
}

}  // namespace probebench::kernels
