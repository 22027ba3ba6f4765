// SPDX-License-Identifier: MIT
#include "verify/x86/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "verify/disassembler.h"

namespace probebench::verify::x86 {
namespace {

using Objection = std::optional<std::string>;

constexpr std::size_t kTrapBytes = 1;  // int3
constexpr std::size_t kJumpBytes = 5;  // jmp rel32 and call rel32
constexpr std::size_t kTwoBytes = 10;  // lea over the red zone and call rel32, in place of one nop
constexpr std::uint8_t kJumpOpcode = 0xe9;

// Beside branches the kernel emulates what touches the interrupt flag (arch/x86/kernel/kprobes/core.c,
// prepare_emulation()).
constexpr std::array<std::string_view, 4> kEmulatedFlagInstructions{"cli", "sti", "pushfq", "popfq"};

std::span<const std::uint8_t> from(const Bytes& bytes, std::size_t offset) {
  return std::span(bytes).subspan(std::min(offset, bytes.size()));
}

// A copy that runs elsewhere has the same bytes, or another displacement to the same memory. (A relative
// branch is copied as it is: the kernel corrects the instruction pointer after the step.)
bool is_copy(const Instruction& original, const Instruction& copy) {
  if (!original.memory_address) return copy.bytes == original.bytes;
  return copy.memory_address == original.memory_address && copy.mnemonic == original.mnemonic &&
         copy.bytes.size() == original.bytes.size();
}

bool jumps_to(const std::optional<Instruction>& instruction, std::uint64_t target) {
  return instruction && instruction->mnemonic == "jmp" && instruction->branch_target == target;
}

// Compares a cell's evidence with what its state means in instructions.
class Inspection {
 public:
  explicit Inspection(const Evidence& evidence)
      : evidence_(evidence), original_(disassembler_.first(evidence.before, evidence.site_address)) {}

  Objection run() const {
    if (!original_) return "the bytes before attaching are no instruction";
    if (evidence_.after != evidence_.before && !same_nop_after())
      return "the bytes after detaching are not those before attaching";
    return of_state();
  }

 private:
  Objection of_state() const {
    switch (evidence_.state) {
      case ProbeState::unarmed:
      case ProbeState::breakpoint:
        return unarmed();
      case ProbeState::stepped:
        return first_of(trap(), stepped_slot());
      case ProbeState::boosted:
        return first_of(trap(), boosted_slot());
      case ProbeState::emulated:
        return first_of(trap(), emulated_original());
      case ProbeState::detour:
        return first_of(trap(), detour_buffer());
      case ProbeState::optimized:
        return first_of(jump_to_detour(), detour_buffer());
      case ProbeState::ftrace:
        return armed_with("call", kJumpBytes);
      case ProbeState::ftrace_jump:
        return armed_with("jmp", kJumpBytes);
      case ProbeState::static_key:
        return armed_with("jmp", original_->bytes.size());
      case ProbeState::user_int3:
        return trap();
      case ProbeState::user_call:
        return nop_with_room() ? lea_and_call() : armed_with("call", kJumpBytes);
      case ProbeState::user_brk:
        return "the state is one of arm64";
      case ProbeState::unknown:
        return "the state is unknown";
    }
    return std::nullopt;
  }

  // A nop that has room for two instructions.
  bool nop_with_room() const { return original_->mnemonic == "nop" && original_->bytes.size() == kTwoBytes; }

  // Detached, such a nop may keep the call as its displacement.
  bool same_nop_after() const {
    const auto after = disassembler_.first(evidence_.after, evidence_.site_address);
    return nop_with_room() && after && after->mnemonic == "nop" && after->bytes.size() == kTwoBytes &&
           std::ranges::equal(from(evidence_.after, kTwoBytes), from(evidence_.before, kTwoBytes));
  }

  // Over the red zone, and a call; nothing behind them changed.
  Objection lea_and_call() const {
    const auto both = disassembler_.covering(evidence_.armed, evidence_.site_address, kTwoBytes);
    if (both.size() != 2 || both[0].mnemonic != "lea" || both[1].mnemonic != "call") {
      return "the armed site is not a lea and a call";
    }
    if (both[1].end() == original_->end() &&
        std::ranges::equal(from(evidence_.armed, kTwoBytes), from(evidence_.before, kTwoBytes))) {
      return std::nullopt;
    }
    return "more than the nop of the site changed";
  }

  static Objection first_of(const Objection& one, const Objection& other) { return one ? one : other; }

  Objection unarmed() const {
    if (evidence_.armed == evidence_.before) return std::nullopt;
    return fmt::format("the site is called {}, but its bytes changed", name_of(evidence_.state));
  }

  // The first instruction is `mnemonic`, and only the first `patched` bytes are not the original ones.
  Objection armed_with(std::string_view mnemonic, std::size_t patched) const {
    const auto armed = disassembler_.first(evidence_.armed, evidence_.site_address);
    if (!armed || armed->mnemonic != mnemonic) {
      return fmt::format("the armed site begins with `{}`, not {}", armed ? armed->text() : "no instruction",
                         mnemonic);
    }
    if (evidence_.armed.size() != evidence_.before.size() ||
        !std::ranges::equal(from(evidence_.armed, patched), from(evidence_.before, patched))) {
      return fmt::format("more than the first {} bytes of the site changed", patched);
    }
    return std::nullopt;
  }

  Objection trap() const { return armed_with("int3", kTrapBytes); }

  Objection jump_to_detour() const {
    if (auto objection = armed_with("jmp", kJumpBytes)) return objection;
    const auto armed = disassembler_.first(evidence_.armed, evidence_.site_address);
    if (jumps_to(armed, evidence_.detour_address)) return std::nullopt;
    return fmt::format("the armed site has `{}`, but the detour buffer is at {:#x}", armed->text(),
                       evidence_.detour_address);
  }

  // What follows the copied instruction in the slot.
  std::optional<Instruction> after_copy_in_slot() const {
    const std::size_t length = original_->bytes.size();
    return disassembler_.first(from(evidence_.slot, length), evidence_.slot_address + length);
  }

  Objection slot_begins_with_copy() const {
    const auto copy = disassembler_.first(evidence_.slot, evidence_.slot_address);
    if (copy && is_copy(*original_, *copy)) return std::nullopt;
    return fmt::format("the slot begins with `{}`, not a copy of `{}`",
                       copy ? copy->text() : "no instruction", original_->text());
  }

  // After the copy comes a second int3, or anything at all where the trap flag ends the step (before 5.13),
  // but no way back.
  Objection stepped_slot() const {
    if (auto objection = slot_begins_with_copy()) return objection;
    if (!jumps_to(after_copy_in_slot(), original_->end())) return std::nullopt;
    return "the slot jumps back to the site: that is boosted, not stepped";
  }

  Objection boosted_slot() const {
    if (auto objection = slot_begins_with_copy()) return objection;
    const auto next = after_copy_in_slot();
    if (jumps_to(next, original_->end())) return std::nullopt;
    return fmt::format("the slot goes on with `{}`, not a jmp back to {:#x}",
                       next ? next->text() : "no instruction", original_->end());
  }

  Objection emulated_original() const {
    const auto& flags = kEmulatedFlagInstructions;
    if (original_->changes_flow || std::ranges::find(flags, original_->mnemonic) != flags.end()) {
      return std::nullopt;
    }
    return fmt::format("the kernel does not emulate `{}`", original_->text());
  }

  // Somewhere in the buffer: copies of the instructions that the jmp at the site overwrites, then a jmp to
  // what follows them.
  Objection detour_buffer() const {
    const auto originals = disassembler_.covering(evidence_.before, evidence_.site_address, kJumpBytes);
    if (originals.empty()) return "too few bytes at the site to know what the jmp overwrites";
    const std::uint64_t resume = originals.back().end();
    const std::size_t length = resume - evidence_.site_address;
    for (std::size_t at = length; at < evidence_.detour.size(); ++at) {
      if (evidence_.detour[at] != kJumpOpcode) continue;
      const auto jump = disassembler_.first(from(evidence_.detour, at), evidence_.detour_address + at);
      if (!jumps_to(jump, resume)) continue;
      return copies_at(originals, at - length);
    }
    return fmt::format("the detour buffer has no jmp back to {:#x}", resume);
  }

  Objection copies_at(const std::vector<Instruction>& originals, std::size_t offset) const {
    for (const auto& original : originals) {
      const auto copy =
          disassembler_.first(from(evidence_.detour, offset), evidence_.detour_address + offset);
      if (!copy || !is_copy(original, *copy)) {
        return fmt::format("the detour buffer has `{}` where a copy of `{}` belongs",
                           copy ? copy->text() : "no instruction", original.text());
      }
      offset += original.bytes.size();
    }
    return std::nullopt;
  }

  const Evidence& evidence_;
  Disassembler disassembler_{ArchId::x86_64};
  std::optional<Instruction> original_;  // at the site, before attaching
};

}  // namespace

std::optional<std::string> objection(const Evidence& evidence) {
  return Inspection(evidence).run();
}

}  // namespace probebench::verify::x86
