// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace probebench {

// Loops of a cell that ran between the marker instructions (kmod/pb_marker.h). Who records instructions from
// outside, in the order of their execution, finds them by their numbers: 1 is the first since the start.
struct MarkedLoops {
  std::uint32_t twin = 0;
  std::uint32_t site = 0;
  std::uint32_t calls = 0;  // in each of them
  std::string symbols;      // lines of /proc/kallsyms that are there only while the probe is attached

  bool operator==(const MarkedLoops&) const = default;
};

}  // namespace probebench
