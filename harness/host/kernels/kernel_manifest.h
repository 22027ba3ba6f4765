// SPDX-License-Identifier: MIT
// manifest.json of a cached kernel: what was put there, by size and SHA-256. It is written last, so a
// directory without one is not complete.
#pragma once

#include "kernels/kernel.h"

namespace probebench::kernels {

// Paths relative to `directory` are recorded, so that a cache can be moved. Every other file of it is listed
// in files.list beside it, which the manifest records.
Status write_manifest(const fs::path& directory, const Kernel& kernel);

// Which kernel it is said to be, without looking whether it is whole.
struct KernelIdentity {
  std::string release;
  std::string version;
};
Result<KernelIdentity> identity_in(const fs::path& directory);

// The kernel of `directory` when every recorded file is as recorded; else one line saying which is not.
//
// What boots and what decides how a module is built is read as a whole each time: the ELF kernel, the
// vmlinuz, the .config and the list of all others. Of those, some 13000 headers and build tools, size and
// modification time are looked at, and the content only where the time is another one: that finds what was
// cut off, replaced or edited, and costs milliseconds. Somebody who sets times back on purpose has to be able
// to write to the cache, which open_cache() refuses root.
Result<Kernel> read_manifest(const fs::path& directory);

}  // namespace probebench::kernels
