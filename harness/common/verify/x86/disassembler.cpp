// SPDX-License-Identifier: MIT
#include "verify/x86/disassembler.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace probebench::verify {
namespace {

struct Freer {
  void operator()(cs_insn* instruction) const { cs_free(instruction, 1); }
};

bool in_group(const cs_detail& detail, unsigned group) {
  return std::find(detail.groups, detail.groups + detail.groups_count, group) !=
         detail.groups + detail.groups_count;
}

void read_operands(Instruction& into, const cs_insn& raw) {
  const cs_detail& detail = *raw.detail;
  const bool jumps = in_group(detail, CS_GRP_JUMP) || in_group(detail, CS_GRP_CALL);
  into.changes_flow = jumps || in_group(detail, CS_GRP_RET);
  for (int i = 0; i < detail.x86.op_count; ++i) {
    const cs_x86_op& operand = detail.x86.operands[i];
    if (operand.type == X86_OP_IMM && jumps) {
      into.branch_target = static_cast<std::uint64_t>(operand.imm);
    }
    if (operand.type == X86_OP_MEM && operand.mem.base == X86_REG_RIP) {
      into.memory_address = into.end() + static_cast<std::uint64_t>(operand.mem.disp);
    }
  }
}

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

void Disassembler::Closer::operator()(csh* handle) const {
  cs_close(handle);
  delete handle;
}

// Opening fails only for an architecture that Capstone was built without; every answer is then "none".
Disassembler::Disassembler() {
  csh handle = 0;
  if (cs_open(CS_ARCH_X86, CS_MODE_64, &handle) != CS_ERR_OK) return;
  cs_option(handle, CS_OPT_DETAIL, CS_OPT_ON);
  handle_.reset(new csh(handle));
}

std::optional<Instruction> Disassembler::first(std::span<const std::uint8_t> bytes,
                                               std::uint64_t address) const {
  if (!handle_ || bytes.empty()) return std::nullopt;
  cs_insn* list = nullptr;
  if (cs_disasm(*handle_, bytes.data(), bytes.size(), address, 1, &list) != 1) return std::nullopt;
  const std::unique_ptr<cs_insn, Freer> raw(list);
  Instruction instruction;
  instruction.address = address;
  instruction.bytes.assign(raw->bytes, raw->bytes + raw->size);
  instruction.mnemonic = raw->mnemonic;
  instruction.operands = raw->op_str;
  read_operands(instruction, *raw);
  return instruction;
}

std::vector<Instruction> Disassembler::covering(std::span<const std::uint8_t> bytes, std::uint64_t address,
                                                std::size_t length) const {
  std::vector<Instruction> instructions;
  std::size_t covered = 0;
  while (covered < length) {
    auto next = first(bytes.subspan(covered), address + covered);
    if (!next) return {};
    covered += next->bytes.size();
    instructions.push_back(*std::move(next));
  }
  return instructions;
}

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
