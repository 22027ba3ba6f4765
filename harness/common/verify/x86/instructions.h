// SPDX-License-Identifier: MIT
// Where instructions begin, and whether a function comes back, as its bytes tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "verify/x86/site_choice.h"

namespace probebench::verify {

struct InstructionBytes {
  std::size_t begin = 0;
  std::size_t length = 0;

  bool operator==(const InstructionBytes&) const = default;
};

// The instruction that has the byte at `offset`, when all from the first byte on are decoded. Nothing: they
// are none, or the text is shorter.
std::optional<InstructionBytes> instruction_around(std::span<const std::uint8_t> text, std::size_t offset);

// False: the text has no return, and no jump that leads out of it and of `own` (where a compiler put what it
// takes for rare). True also where that cannot be seen.
bool may_return(std::span<const std::uint8_t> text, std::uint64_t address, AddressRange own);

// The entry has the five bytes that ftrace patches, or has patched.
bool begins_with_ftrace_call(std::span<const std::uint8_t> text);

}  // namespace probebench::verify
