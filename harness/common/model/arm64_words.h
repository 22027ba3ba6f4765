// SPDX-License-Identifier: MIT
// What arm64's patched text is made of: words of four bytes, little endian (Arm Architecture
// Reference Manual, C6.2; the kernel's arch/arm64/include/asm/brk-imm.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace probebench::arm64 {

inline constexpr std::size_t kWordBytes = 4;

inline constexpr std::uint32_t kNop = 0xd503201f;
// ftrace puts it before its call, for the callee to find where the function returns to.
inline constexpr std::uint32_t kMovX9Lr = 0xaa1e03e9;

constexpr std::uint32_t brk(std::uint16_t immediate) {
  return 0xd4200000u | std::uint32_t{immediate} << 5;
}
inline constexpr std::uint32_t kKprobeTrap = brk(4);  // KPROBES_BRK_IMM
inline constexpr std::uint32_t kUprobeTrap = brk(5);  // UPROBES_BRK_IMM
inline constexpr std::uint32_t kStepTrap = brk(6);    // KPROBES_BRK_SS_IMM

// Absent: the bytes end before.
constexpr std::optional<std::uint32_t> word_at(std::span<const std::uint8_t> bytes, std::size_t offset = 0) {
  if (bytes.size() < offset + kWordBytes) return std::nullopt;
  std::uint32_t word = 0;
  for (std::size_t i = kWordBytes; i > 0; --i) word = word << 8 | bytes[offset + i - 1];
  return word;
}

constexpr bool is_branch(std::uint32_t word) {
  return word >> 26 == 0x05;
}
constexpr bool is_branch_with_link(std::uint32_t word) {
  return word >> 26 == 0x25;
}

// Where a b or bl at `address` leads.
constexpr std::uint64_t branch_target(std::uint32_t word, std::uint64_t address) {
  const auto immediate = static_cast<std::int32_t>(word << 6) >> 6;  // 26 bits, signed
  return address + static_cast<std::uint64_t>(static_cast<std::int64_t>(immediate) * 4);
}

// An instruction that moves sixteen bits into a register of 64 (movz, movn, movk).
enum class Move { zero, negate, keep };  // what becomes of the register's other bits
struct MovedPart {
  Move kind = Move::zero;
  std::uint32_t target = 0;  // register
  unsigned shift = 0;
  std::uint64_t bits = 0;

  // What the register has afterwards.
  constexpr std::uint64_t put_into(std::uint64_t value) const {
    if (kind == Move::zero) return bits << shift;
    if (kind == Move::negate) return ~(bits << shift);
    return (value & ~(std::uint64_t{0xffff} << shift)) | bits << shift;
  }
};

constexpr std::optional<MovedPart> moved_part(std::uint32_t word) {
  constexpr std::uint32_t kMask = 0xff80'0000, kNegate = 0x9280'0000, kZero = 0xd280'0000,
                          kKeep = 0xf280'0000;
  MovedPart part{.target = word & 0x1f, .shift = (word >> 21 & 3) * 16, .bits = word >> 5 & 0xffff};
  switch (word & kMask) {
    case kNegate:
      part.kind = Move::negate;
      return part;
    case kKeep:
      part.kind = Move::keep;
      return part;
    case kZero:
      return part;
    default:
      return std::nullopt;
  }
}

}  // namespace probebench::arm64
