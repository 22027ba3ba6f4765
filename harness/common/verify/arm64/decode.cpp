// SPDX-License-Identifier: MIT
#include "verify/arm64/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "model/arm64_words.h"
#include "verify/disassembler.h"

namespace probebench::verify::arm64 {
namespace {

using probebench::arm64::kWordBytes;

using Objection = std::optional<std::string>;

constexpr std::string_view kKprobe = "brk #4";
constexpr std::string_view kUprobe = "brk #5";
constexpr std::string_view kStep = "brk #6";

// Beside branches the kernel simulates what reads the program counter, and from Linux 6.13 on nop
// (arch/arm64/kernel/probes/decode-insn.c).
constexpr std::array<std::string_view, 5> kSimulated{"adr", "adrp", "ldr", "ldrsw", "nop"};

std::string text_of(const std::optional<Instruction>& instruction) {
  return instruction ? instruction->text() : "no instruction";
}

// Capstone writes immediates below ten as decimals.
std::string words_of(const std::optional<Instruction>& instruction) {
  auto text = text_of(instruction);
  if (const auto at = text.find("#0x"); at != std::string::npos && text.size() == at + 4)
    text.erase(at + 1, 2);
  return text;
}

class Inspection {
 public:
  explicit Inspection(const Evidence& evidence)
      : evidence_(evidence),
        original_(disassembler_.first(evidence.before, evidence.site_address)),
        armed_(disassembler_.first(evidence.armed, evidence.site_address)) {}

  Objection run() const {
    if (!original_) return "the bytes before attaching are no instruction";
    if (evidence_.after != evidence_.before)
      return "the bytes after detaching are not those before attaching";
    return of_state();
  }

 private:
  Objection of_state() const {
    switch (evidence_.state) {
      case ProbeState::unarmed:
      case ProbeState::breakpoint:
        if (evidence_.armed == evidence_.before) return std::nullopt;
        return fmt::format("the site is called {}, but its bytes changed", name_of(evidence_.state));
      case ProbeState::stepped:
        return first_of(armed_with(kKprobe), slot_steps());
      case ProbeState::emulated:
        return first_of(armed_with(kKprobe), original_is_simulated());
      case ProbeState::ftrace:
        return first_of(over_nop(), branches_by("bl"));
      case ProbeState::ftrace_jump:
      case ProbeState::static_key:
        return first_of(over_nop(), branches_by("b"));
      case ProbeState::user_brk:
        return armed_with(kUprobe);
      default:
        return fmt::format("arm64 has no state {}", name_of(evidence_.state));
    }
  }

  static Objection first_of(const Objection& one, const Objection& other) { return one ? one : other; }

  // One instruction changed, and no more.
  Objection one_word_changed() const {
    const auto rest = [](const Bytes& bytes) {
      return std::span(bytes).subspan(std::min(kWordBytes, bytes.size()));
    };
    if (evidence_.armed.size() == evidence_.before.size() &&
        std::ranges::equal(rest(evidence_.armed), rest(evidence_.before)))
      return std::nullopt;
    return "more than one instruction of the site changed";
  }

  Objection armed_with(std::string_view trap) const {
    if (words_of(armed_) != trap)
      return fmt::format("the armed site begins with `{}`, not {}", text_of(armed_), trap);
    return one_word_changed();
  }

  Objection branches_by(std::string_view mnemonic) const {
    if (armed_ && armed_->mnemonic == mnemonic && armed_->branch_target) return one_word_changed();
    return fmt::format("the armed site begins with `{}`, not {}", text_of(armed_), mnemonic);
  }

  // What the kernel has left room at: it patches nothing else so.
  Objection over_nop() const {
    if (original_->mnemonic == "nop") return std::nullopt;
    return fmt::format("the site held `{}`, not a nop, before attaching", original_->text());
  }

  Objection slot_steps() const {
    const auto copy = disassembler_.first(evidence_.slot, evidence_.slot_address);
    if (!copy || copy->bytes != original_->bytes)
      return fmt::format("the slot begins with `{}`, not a copy of `{}`", text_of(copy), original_->text());
    const auto behind = std::span(evidence_.slot).subspan(kWordBytes);
    const auto trap = disassembler_.first(behind, evidence_.slot_address + kWordBytes);
    if (words_of(trap) == kStep) return std::nullopt;
    return fmt::format("the slot goes on with `{}`, not {}", text_of(trap), kStep);
  }

  Objection original_is_simulated() const {
    if (!evidence_.slot.empty()) return "the site is called emulated, but has a slot";
    if (original_->changes_flow || std::ranges::find(kSimulated, original_->mnemonic) != kSimulated.end())
      return std::nullopt;
    return fmt::format("the kernel does not simulate `{}`", original_->text());
  }

  const Evidence& evidence_;
  Disassembler disassembler_{ArchId::arm64};
  std::optional<Instruction> original_;
  std::optional<Instruction> armed_;
};

}  // namespace

std::optional<std::string> objection(const Evidence& evidence) {
  return Inspection(evidence).run();
}

}  // namespace probebench::verify::arm64
