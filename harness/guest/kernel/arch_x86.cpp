// SPDX-License-Identifier: MIT
#if defined(__x86_64__)
#include "kernel/arch_x86.h"

#include <algorithm>
#include <array>

namespace probebench::kernel {
namespace {

constexpr std::size_t kEndbrBytes = 4;
// endbr64, and the nops that Linux seals it with.
constexpr std::array<std::array<std::uint8_t, kEndbrBytes>, 3> kEndbrForms{
    {{0xf3, 0x0f, 0x1e, 0xfa}, {0x66, 0x0f, 0x1f, 0x00}, {0x0f, 0x1f, 0x40, 0xd6}}};

}  // namespace

std::uint64_t ftrace_location(std::uint64_t function, const Bytes& text) {
  const bool sealed = std::ranges::any_of(kEndbrForms, [&](const auto& form) {
    return text.size() >= form.size() && std::equal(form.begin(), form.end(), text.begin());
  });
  return sealed ? function + kEndbrBytes : function;
}

}  // namespace probebench::kernel
#endif
