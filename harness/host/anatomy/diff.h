// SPDX-License-Identifier: MIT
// Two anatomies side by side, function by function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "anatomy/anatomy.h"

namespace probebench::anatomy {

struct SymbolDifference {
  std::string symbol;
  std::uint64_t first = 0;  // instructions in it
  std::uint64_t second = 0;

  std::int64_t change() const { return static_cast<std::int64_t>(second) - static_cast<std::int64_t>(first); }
  bool operator==(const SymbolDifference&) const = default;
};

// Every function that either path is in, in the order of the first path, then what only the second has. The
// changes add up to the difference of the totals.
std::vector<SymbolDifference> difference(const Anatomy& first, const Anatomy& second);

}  // namespace probebench::anatomy
