// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace probebench::verify {

// The kernel has the upper half of the address space, on x86-64 and on arm64.
constexpr bool is_kernel_address(std::uint64_t address) {
  return (address >> 63) != 0;
}

}  // namespace probebench::verify
