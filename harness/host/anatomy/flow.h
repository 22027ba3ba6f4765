// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "anatomy/path.h"
#include "verify/x86/disassembler.h"

namespace probebench {

// Where an instruction may lead to.
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

FlowOf flow_of(const Step& step, const Disassembler& disassembler);

}  // namespace probebench
