// SPDX-License-Identifier: MIT
// Kept packages of kernels as one file, a tar archive with a directory for each set, to hand to others.
#pragma once

#include <string>
#include <vector>

#include "kernels/kept_packages.h"
#include "kernels/progress.h"

namespace probebench::exchange {

// The sets of a store by their names, into `file`, which appears complete or not at all.
Status write_kernel_file(const fs::path& store, const std::vector<std::string>& names, const fs::path& file);

// Puts what the file has into the store and returns the sets' names. A set is as its packages.json says, or
// the file is refused as a whole: nothing of it stays. Who wrote the file is believed: no signature is looked
// at.
Result<std::vector<std::string>> take_kernel_file(const fs::path& file, const fs::path& store,
                                                  kernels::Progress& progress);

}  // namespace probebench::exchange
