// SPDX-License-Identifier: MIT
// Where to probe a function past its entry, by decoding its text inside the target (Zydis, a tenth of
// Capstone's size).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace probebench::verify {

struct AddressRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  bool contains(std::uint64_t address) const { return address >= begin && address < end; }
};

struct SiteChoice {
  std::optional<std::uint64_t> address;  // an instruction that each call executes; absent: `refusal` says why
  std::string refusal;
  std::string obstacle;  // seen in the text, to a jump at `address`; empty: none
};

// The first instruction behind the entry and before the first branch at which a jump would fit by the rules
// of can_optimize() (arch/x86/kernel/kprobes/opt.c); else the first that can be stepped. How the kernel arms
// the probe is observed, not assumed. `thunks`: the address range of the retpolines; jumps into it count as
// indirect.
SiteChoice choose_mid_site(std::span<const std::uint8_t> text, std::uint64_t address,
                           AddressRange thunks = {});

// The jmp of an optimized probe, in bytes.
inline constexpr std::size_t kJumpBytes = 5;

}  // namespace probebench::verify
