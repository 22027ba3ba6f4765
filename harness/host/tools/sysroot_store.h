// SPDX-License-Identifier: MIT
// What the agent is built with for another architecture: packages of the machine's own mirror, unpacked.
// Nothing is installed, and dpkg does not learn of another architecture.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "kernels/progress.h"
#include "kernels/target_paths.h"
#include "model/arch.h"

namespace probebench::tools {

// The packages and all that they depend on. From the cache, where the same were asked for before.
Result<fs::path> provide_sysroot(ArchId arch, const std::vector<std::string>& packages,
                                 const kernels::TargetPaths& paths, kernels::Progress& progress);

}  // namespace probebench::tools
