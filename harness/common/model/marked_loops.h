// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace probebench::inline model {

// Loops of a cell that ran between the marker instructions (kmod/pb_marker.h). The path plugin records loops
// in the order of their execution and identifies them by number; the first since the start is 1.
struct MarkedLoops {
  std::uint32_t twin = 0;
  std::uint32_t site = 0;
  std::uint32_t calls = 0;  // in each of them
  std::string symbols;      // lines of /proc/kallsyms that are there only while the probe is attached

  bool operator==(const MarkedLoops&) const = default;
};

}  // namespace probebench::inline model
