// SPDX-License-Identifier: MIT
#include "verify/x86/site_choice.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <vector>

namespace probebench::verify {
namespace {

struct Decoded {
  std::uint64_t address = 0;
  ZydisDecodedInstruction instruction = {};

  std::uint64_t end() const { return address + instruction.length; }
  ZydisMnemonic mnemonic() const { return instruction.mnemonic; }
  bool relative() const { return (instruction.attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0; }
  bool is_jump() const {
    const auto category = instruction.meta.category;
    return category == ZYDIS_CATEGORY_COND_BR || category == ZYDIS_CATEGORY_UNCOND_BR;
  }
  bool is_call() const { return instruction.meta.category == ZYDIS_CATEGORY_CALL; }
  bool ends_straight_line() const {
    const auto category = instruction.meta.category;
    return is_jump() || category == ZYDIS_CATEGORY_RET || category == ZYDIS_CATEGORY_INTERRUPT ||
           mnemonic() == ZYDIS_MNEMONIC_UD2;
  }
  std::uint64_t target() const { return end() + static_cast<std::uint64_t>(instruction.raw.imm[0].value.s); }
};

std::vector<Decoded> decode_all(std::span<const std::uint8_t> text, std::uint64_t address) {
  ZydisDecoder decoder;
  ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  std::vector<Decoded> all;
  for (std::size_t at = 0; at < text.size();) {
    Decoded one{.address = address + at};
    const auto rest = text.subspan(at);
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeInstruction(&decoder, nullptr, rest.data(), rest.size(), &one.instruction))) {
      break;  // padding between functions need not be instructions
    }
    at += one.instruction.length;
    all.push_back(one);
  }
  return all;
}

// The displacement in the slot would differ from the site's, so the slot could not be recognized by its
// bytes.
bool addresses_by_rip(const Decoded& one) {
  const auto& modrm = one.instruction.raw.modrm;
  return (one.instruction.attributes & ZYDIS_ATTRIB_HAS_MODRM) != 0 && modrm.mod == 0 && modrm.rm == 5;
}

// can_boost() of arch/x86/kernel/kprobes/core.c, where kernels differ the stricter one.
bool one_byte_can_be_copied(std::uint8_t opcode) {
  constexpr std::uint8_t kNever[] = {0x62, 0x9a, 0xd4, 0xd5, 0xd6, 0xf6, 0xf7, 0xfe, 0xff};
  const auto within = [opcode](std::uint8_t first, std::uint8_t last) {
    return opcode >= first && opcode <= last;
  };
  if (std::ranges::find(kNever, opcode) != std::end(kNever)) return false;
  return !within(0x70, 0x7f) && !within(0xcc, 0xcf) && !within(0xd8, 0xe3) && !within(0xe8, 0xeb) &&
         !within(0xf0, 0xf4);
}

bool two_byte_can_be_copied(std::uint8_t opcode) {
  const auto row = opcode & 0xf0;
  const bool extends = opcode == 0xb6 || opcode == 0xb7 || opcode == 0xbe || opcode == 0xbf;
  return row == 0x40 || row == 0x90 || extends;  // cmov, setcc, movzx and movsx
}

bool can_be_copied(const Decoded& one) {
  if (one.is_call() || one.ends_straight_line()) return false;
  const auto opcode = one.instruction.opcode;
  switch (one.instruction.opcode_map) {
    case ZYDIS_OPCODE_MAP_DEFAULT:
      return one_byte_can_be_copied(opcode);
    case ZYDIS_OPCODE_MAP_0F:
      return two_byte_can_be_copied(opcode);
    default:
      return false;
  }
}

// A nop in a body is a place that the kernel patches itself (static keys, alternatives).
bool is_reserved(const Decoded& one) {
  return one.mnemonic() == ZYDIS_MNEMONIC_NOP || one.mnemonic() == ZYDIS_MNEMONIC_ENDBR64 ||
         one.mnemonic() == ZYDIS_MNEMONIC_STAC || one.mnemonic() == ZYDIS_MNEMONIC_CLAC;
}

bool can_be_stepped(const Decoded& one) {
  return !is_reserved(one) && !one.is_call() && !one.ends_straight_line() && !addresses_by_rip(one) &&
         one.instruction.meta.category != ZYDIS_CATEGORY_SYSTEM &&
         one.instruction.meta.category != ZYDIS_CATEGORY_IO;
}

class Function {
 public:
  Function(std::span<const std::uint8_t> text, std::uint64_t address, AddressRange thunks)
      : all_(decode_all(text, address)), thunks_(thunks) {}

  // The indices of what each call executes behind the entry: [first, last).
  std::pair<std::size_t, std::size_t> straight_line() const {
    std::size_t first = 0;
    while (first < all_.size() && is_reserved(all_[first])) ++first;  // endbr64, the nop of ftrace
    if (first == 0 && !all_.empty()) first = 1;                       // the entry itself
    std::size_t last = first;
    while (last < all_.size() && !all_[last].ends_straight_line()) ++last;
    return {first, last};
  }

  const Decoded& at(std::size_t index) const { return all_[index]; }

  std::string obstacle_everywhere() const {
    for (const auto& one : all_) {
      const bool jumps = one.instruction.meta.category == ZYDIS_CATEGORY_UNCOND_BR;
      if (jumps && (!one.relative() || thunks_.contains(one.target())))
        return "indirect jump in the function";
    }
    return {};
  }

  // Why no jump can take the place of the instructions from `index` on.
  std::string obstacle_at(std::size_t index) const {
    const auto begin = all_[index].address;
    std::size_t next = index;
    while (next < all_.size() && all_[next].address < begin + kJumpBytes) {
      if (is_reserved(all_[next])) return "the kernel patches the text there";
      if (!can_be_copied(all_[next])) return "an instruction there cannot be copied";
      ++next;
    }
    const auto end = all_[next - 1].end();
    if (end < begin + kJumpBytes) return "fewer than five bytes are left";
    if (is_jumped_into(begin, end)) return "a jump leads into the five bytes";
    return {};
  }

 private:
  bool is_jumped_into(std::uint64_t begin, std::uint64_t end) const {
    return std::ranges::any_of(all_, [&](const Decoded& one) {
      return one.is_jump() && one.relative() && one.target() > begin && one.target() < end;
    });
  }

  std::vector<Decoded> all_;
  AddressRange thunks_;
};

}  // namespace

SiteChoice choose_mid_site(std::span<const std::uint8_t> text, std::uint64_t address, AddressRange thunks) {
  const Function function(text, address, thunks);
  const auto [first, last] = function.straight_line();
  SiteChoice choice;
  for (std::size_t i = first; i < last; ++i) {
    if (!can_be_stepped(function.at(i))) continue;
    auto obstacle = function.obstacle_at(i);
    const bool fits = obstacle.empty();
    if (fits) obstacle = function.obstacle_everywhere();
    if (!choice.address || fits) choice = {function.at(i).address, {}, std::move(obstacle)};
    if (fits) break;
  }
  if (!choice.address) choice.refusal = "no plain instruction between the entry and the first branch";
  return choice;
}

}  // namespace probebench::verify
