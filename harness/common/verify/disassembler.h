// SPDX-License-Identifier: MIT
// Instructions out of bytes, by Capstone.
#pragma once

// Capstone 5 has a bpf_insn of its own, which is not that of <linux/bpf.h>.
#define bpf_insn capstone_bpf_insn
#include <capstone/capstone.h>
#undef bpf_insn

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/arch.h"

namespace probebench::verify {

struct Instruction {
  std::uint64_t address = 0;
  std::vector<std::uint8_t> bytes;
  std::string mnemonic;
  std::string operands;
  bool changes_flow = false;                    // jump, call or return
  std::optional<std::uint64_t> branch_target;   // of a direct jump or call
  std::optional<std::uint64_t> memory_address;  // what a RIP-relative operand points at

  std::uint64_t end() const { return address + bytes.size(); }
  std::string text() const { return operands.empty() ? mnemonic : mnemonic + ' ' + operands; }
};

class Disassembler {
 public:
  explicit Disassembler(ArchId arch);

  // The first instruction; absent when the bytes are none.
  std::optional<Instruction> first(std::span<const std::uint8_t> bytes, std::uint64_t address) const;

  ArchId arch() const { return arch_; }

  // Whole instructions that cover at least `length` bytes; empty when the bytes do not hold that many.
  std::vector<Instruction> covering(std::span<const std::uint8_t> bytes, std::uint64_t address,
                                    std::size_t length) const;

 private:
  ArchId arch_;
  struct Closer {
    void operator()(csh* handle) const;
  };
  std::unique_ptr<csh, Closer> handle_;
};

// Where executed instructions lead to.

enum class Flow {
  onward,           // what follows it, or itself again (rep)
  jump,             // its target; a conditional jump also what follows
  call,             // its target, leaving a return address
  ret,              // wherever the stack says
  trap,             // int3, brk: its exception's entry
  system_call,      // from user space into the kernel
  exception_return  // iret, sysret, eret
};

struct FlowOf {
  Flow flow = Flow::onward;
  std::optional<std::uint64_t> target;  // of a direct jump or call
};

FlowOf flow_of(std::span<const std::uint8_t> bytes, std::uint64_t address, const Disassembler& disassembler);

// Whether a call from before `end` that arrived at `next` is a retpoline's. It goes a few bytes ahead, over
// its own trap, only to put an address on the stack that its `ret` then finds replaced. No function begins so
// near.
constexpr bool is_retpoline_call(std::uint64_t end, std::uint64_t next) {
  constexpr std::uint64_t kRetpolineBytes = 16;
  return next > end && next - end < kRetpolineBytes;
}

}  // namespace probebench::verify
