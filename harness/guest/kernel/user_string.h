// SPDX-License-Identifier: MIT
#pragma once

#include <array>

namespace probebench::kernel {

// What the `string` handler copies out of the agent: 32 bytes, the terminator among them.
inline constexpr std::array<char, 32> kUserString{"/usr/lib/x86_64-linux-gnu/libc"};

}  // namespace probebench::kernel
