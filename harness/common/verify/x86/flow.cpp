// SPDX-License-Identifier: MIT
#include "verify/x86/flow.h"

#include <array>
#include <string_view>

namespace probebench::verify {
namespace {

struct FlowRow {
  std::string_view mnemonic;
  Flow flow;
};

// Mnemonics as Capstone writes them, without prefixes such as `repz` and `bnd`. Every other control-flow
// instruction is a jump.
constexpr std::array kFlows{
    FlowRow{"call", Flow::call},
    FlowRow{"lcall", Flow::call},
    FlowRow{"ret", Flow::ret},
    FlowRow{"retf", Flow::ret},
    FlowRow{"int3", Flow::trap},
    FlowRow{"int1", Flow::trap},
    FlowRow{"int", Flow::trap},
    FlowRow{"ud2", Flow::trap},
    FlowRow{"syscall", Flow::system_call},
    FlowRow{"iret", Flow::exception_return},
    FlowRow{"iretd", Flow::exception_return},
    FlowRow{"iretq", Flow::exception_return},
    FlowRow{"sysret", Flow::exception_return},
    FlowRow{"sysretq", Flow::exception_return},
};

std::string_view without_prefix(std::string_view mnemonic) {
  return mnemonic.substr(mnemonic.rfind(' ') + 1);
}

}  // namespace

FlowOf flow_of(std::span<const std::uint8_t> bytes, std::uint64_t address, const Disassembler& disassembler) {
  const auto instruction = disassembler.first(bytes, address);
  if (!instruction) return {};  // newer than Capstone; no such one changes the flow
  const auto mnemonic = without_prefix(instruction->mnemonic);
  for (const auto& row : kFlows) {
    if (row.mnemonic == mnemonic) return {row.flow, instruction->branch_target};
  }
  return {instruction->changes_flow ? Flow::jump : Flow::onward, instruction->branch_target};
}

}  // namespace probebench::verify
