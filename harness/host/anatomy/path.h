// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "model/sample.h"

namespace probebench::anatomy {

// One executed instruction.
struct Step {
  std::uint64_t address = 0;
  Bytes bytes;

  std::uint64_t end() const { return address + bytes.size(); }
  bool operator==(const Step&) const = default;
};

// Executed instructions in order.
using Path = std::vector<Step>;

}  // namespace probebench::anatomy
