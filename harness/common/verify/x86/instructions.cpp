// SPDX-License-Identifier: MIT
#include "verify/x86/instructions.h"

#include <Zydis/Zydis.h>

#include <algorithm>

namespace probebench::verify {
namespace {

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> text) : text_(text) {
    ZydisDecoderInit(&decoder_, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
  }

  // The next one; false: there is none.
  bool next() {
    begin_ += read_ ? instruction.length : 0;
    const auto rest = text_.subspan(std::min(begin_, text_.size()));
    read_ = !rest.empty() && ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder_, nullptr, rest.data(),
                                                                        rest.size(), &instruction));
    return read_;
  }
  bool at_end() const { return begin_ >= text_.size(); }
  InstructionBytes bytes() const { return {begin_, instruction.length}; }

  ZydisDecodedInstruction instruction{};

 private:
  std::span<const std::uint8_t> text_;
  ZydisDecoder decoder_{};
  std::size_t begin_ = 0;
  bool read_ = false;
};

bool is_jump(const ZydisDecodedInstruction& instruction) {
  return instruction.meta.category == ZYDIS_CATEGORY_COND_BR ||
         instruction.meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

bool is_relative(const ZydisDecodedInstruction& instruction) {
  return (instruction.attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0;
}

// iret and sysret end a path, too.
bool leaves(const ZydisDecodedInstruction& instruction) {
  return instruction.meta.category == ZYDIS_CATEGORY_RET ||
         instruction.meta.category == ZYDIS_CATEGORY_SYSRET ||
         (is_jump(instruction) && !is_relative(instruction));
}

}  // namespace

std::optional<InstructionBytes> instruction_around(std::span<const std::uint8_t> text, std::size_t offset) {
  Reader reader(text);
  while (reader.next()) {
    const auto bytes = reader.bytes();
    if (offset < bytes.begin + bytes.length) return bytes;
  }
  return std::nullopt;
}

bool may_return(std::span<const std::uint8_t> text, std::uint64_t address, AddressRange own) {
  const AddressRange all{address, address + text.size()};
  Reader reader(text);
  while (reader.next()) {
    if (leaves(reader.instruction)) return true;
    if (!is_jump(reader.instruction)) continue;
    const auto bytes = reader.bytes();
    const auto target = address + bytes.begin + bytes.length +
                        static_cast<std::uint64_t>(reader.instruction.raw.imm[0].value.s);
    if (!all.contains(target) && !own.contains(target)) return true;
  }
  return !reader.at_end();
}

// The kernel replaces an endbr64 that nothing jumps to by a nop of its length (apply_seal_endbr()); which nop
// of five bytes the entry has is up to the kernel and the CPU.
bool begins_with_ftrace_call(std::span<const std::uint8_t> text) {
  constexpr std::size_t kEndbrBytes = 4;
  constexpr std::size_t kCallBytes = 5;
  Reader reader(text);
  const auto is = [&](ZydisMnemonic mnemonic, std::size_t length) {
    return reader.instruction.mnemonic == mnemonic && reader.bytes().length == length;
  };
  if (!reader.next()) return false;
  if (is(ZYDIS_MNEMONIC_ENDBR64, kEndbrBytes) || is(ZYDIS_MNEMONIC_NOP, kEndbrBytes)) {
    if (!reader.next()) return false;
  }
  return is(ZYDIS_MNEMONIC_NOP, kCallBytes) || is(ZYDIS_MNEMONIC_CALL, kCallBytes);
}

}  // namespace probebench::verify
