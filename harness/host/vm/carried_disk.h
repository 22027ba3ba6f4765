// SPDX-License-Identifier: MIT
// What a user's command needs in the guest, on a disk: an initramfs is unpacked into memory that has to hold
// it twice, a disk is read once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "kernels/kernel.h"
#include "kernels/progress.h"
#include "vm/initramfs.h"

namespace probebench::vm {

// An image of these files, which has no name any more.
struct CarriedDisk {
  UniqueFd image;  // to read
  std::uint64_t bytes = 0;
};

// More than this is not carried by an archive where a disk can be.
inline constexpr std::uint64_t kMostInArchive = 100 << 20;

// Of all files together.
Result<std::uint64_t> bytes_of(const std::vector<GuestProgram>& files);

// How files of so many bytes get into a guest with this kernel.
struct DiskChoice {
  bool on_disk = false;
  std::string why_not = {};  // although it is too much for an archive
};

// The kernel has to bring the disk's drivers along: modules would be another part of each package to fetch
// and to keep.
DiskChoice choose_disk(std::uint64_t bytes, const kernels::Kernel& kernel);

// `bytes` is what bytes_of() says of the files.
Result<CarriedDisk> make_carried_disk(const std::vector<GuestProgram>& files, std::uint64_t bytes,
                                      const fs::path& cache, kernels::Progress& progress);

}  // namespace probebench::vm
