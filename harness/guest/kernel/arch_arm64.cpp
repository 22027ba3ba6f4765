// SPDX-License-Identifier: MIT
#if defined(__aarch64__)
#include "kernel/arch_arm64.h"

namespace probebench::kernel {

std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text) {
  constexpr std::uint32_t kBtiC = 0xd503245f;
  const bool bti = arm64::word_at(text) == kBtiC;
  return function + arm64::kWordBytes * (bti ? 2 : 1);
}

}  // namespace probebench::kernel
#endif
