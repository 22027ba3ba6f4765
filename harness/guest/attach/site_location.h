// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

namespace probebench::attach {

// Where the kernel finds a site: in its own text by address; in a process by a place in a file, since it
// attaches to files.
struct SiteLocation {
  std::uint64_t address = 0;          // the first byte that is patched
  std::filesystem::path binary = {};  // empty: kernel text
  std::uint64_t offset = 0;           // in the file

  bool in_file() const { return !binary.empty(); }
};

}  // namespace probebench::attach
