// SPDX-License-Identifier: MIT
// manifest.json of a cached kernel: what was put there, by size and SHA-256. It is written last, so a
// directory without one is not complete.
#pragma once

#include "kernels/kernel.h"

namespace probebench::kernels {

// Paths relative to `directory` are recorded, so that a cache can be moved.
Status write_manifest(const fs::path& directory, const Kernel& kernel);

// The kernel of `directory` when every recorded file is as recorded; else one line saying which is not.
Result<Kernel> read_manifest(const fs::path& directory);

}  // namespace probebench::kernels
