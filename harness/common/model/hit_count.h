// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace probebench::inline model {

struct HitCount {
  std::uint64_t expected = 0;
  std::uint64_t counted = 0;
  std::uint64_t missed = 0;  // the kernel's own count

  bool equal() const { return counted == expected && missed == 0; }
  bool operator==(const HitCount&) const = default;
};

}  // namespace probebench::inline model
