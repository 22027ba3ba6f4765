// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

namespace probebench {

// Where the kernel finds a site: it attaches to a file, not to a process.
struct UserSiteLocation {
  std::filesystem::path binary;
  std::uint64_t offset = 0;  // in the file
  std::uint64_t address = 0;
};

}  // namespace probebench
