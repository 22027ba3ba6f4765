// SPDX-License-Identifier: MIT
// Where executed instructions lead to.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "verify/x86/disassembler.h"

namespace probebench::verify {

enum class Flow {
  onward,           // what follows it, or itself again (rep)
  jump,             // its target; a conditional jump also what follows
  call,             // its target, leaving a return address
  ret,              // wherever the stack says
  trap,             // int3: its exception's entry
  system_call,      // from user space into the kernel
  exception_return  // iret, sysret
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
