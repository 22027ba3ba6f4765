// SPDX-License-Identifier: MIT
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "pb_abi.h"

namespace probebench {

// What the module writes to a pointer whose lower half is a random number hits this, or nothing: the program
// has nothing else in these 4 GiB. There is place for all probes of the largest set.
class FarMemory {
 public:
  std::span<std::uint64_t> words() const {
    return {static_cast<std::uint64_t*>(start_), start_ == MAP_FAILED ? 0 : kBytes / sizeof(std::uint64_t)};
  }

  FarMemory() = default;
  FarMemory(const FarMemory&) = delete;
  FarMemory& operator=(const FarMemory&) = delete;
  ~FarMemory() { ::munmap(start_, kBytes); }

 private:
  static constexpr std::size_t kBytes = 1 << 20;
  static_assert(kBytes > 2 * PB_MAX_SET * sizeof(pb_set_probe));
  static constexpr std::uintptr_t kPlace = 0x10'0000'0000;

  void* start_ = ::mmap(reinterpret_cast<void*>(kPlace), kBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
};

}  // namespace probebench
