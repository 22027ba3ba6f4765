// SPDX-License-Identifier: MIT
// Where the kernel takes the memory of an open file from.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace probebench::cost {

// Before Linux 6.7 a closed file's memory is free only after a grace period, so each file that a window opens
// takes other memory: of a slab that is in use, of another that has some left, of a new one. Which of these
// it is depends on all that was opened since the boot, and an operation would cost more as the guest ages.
// This one puts the allocator into one state, as often as it is asked: slabs of which all is free, more of
// them than a window takes.
class FileMemory {
 public:
  // Of this guest's kernel, as /sys/kernel/slab has it; `root` is for tests.
  explicit FileMemory(const std::filesystem::path& root = "/");

  // Whether files are free late. False too where the kernel does not tell.
  bool is_late() const { return late_; }
  // So many operations or fewer: as many files as fill slabs, so that however far the first one is used up,
  // an operation's part of going on to the next is the same. Fewer than a slab has are left as they are.
  std::uint32_t whole_slabs(std::uint32_t operations) const;
  // Nothing where they are not. `wait` lets a grace period pass.
  template <typename Wait>
  Status level(const Wait& wait) const {
    if (!late_) return Done{};
    TRY(begin());
    TRY(open_many());
    wait();
    return Done{};
  }

 private:
  Status begin() const;
  static Status open_many();

  std::filesystem::path cache_;  // the allocator's settings of it
  bool late_ = false;
  std::uint32_t of_slab_ = 1;  // files
};

}  // namespace probebench::cost
