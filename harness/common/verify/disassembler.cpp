// SPDX-License-Identifier: MIT
#include "verify/disassembler.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "model/arm64_words.h"

namespace probebench::verify {
namespace {

struct Freer {
  void operator()(cs_insn* instruction) const { cs_free(instruction, 1); }
};

bool in_group(const cs_detail& detail, unsigned group) {
  return std::find(detail.groups, detail.groups + detail.groups_count, group) !=
         detail.groups + detail.groups_count;
}

void read_x86_operands(Instruction& into, const cs_detail& detail, bool jumps) {
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

// Of a bit that is tested the number comes before the target.
void read_arm64_operands(Instruction& into, const cs_detail& detail, bool jumps) {
  for (int i = 0; jumps && i < detail.arm64.op_count; ++i) {
    const cs_arm64_op& operand = detail.arm64.operands[i];
    if (operand.type == ARM64_OP_IMM) into.branch_target = static_cast<std::uint64_t>(operand.imm);
  }
}

void read_operands(Instruction& into, const cs_insn& raw, ArchId arch) {
  const cs_detail& detail = *raw.detail;
  const bool jumps = in_group(detail, CS_GRP_JUMP) || in_group(detail, CS_GRP_CALL);
  into.changes_flow = jumps || in_group(detail, CS_GRP_RET);
  if (arch == ArchId::arm64) return read_arm64_operands(into, detail, jumps);
  read_x86_operands(into, detail, jumps);
}

struct FlowRow {
  std::string_view mnemonic;
  Flow flow;
};

// Mnemonics as Capstone writes them, without prefixes such as `repz` and `bnd`. Every other control-flow
// instruction is a jump.
constexpr std::array kX86Flows{
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

constexpr std::array kArm64Flows{
    FlowRow{"bl", Flow::call},
    FlowRow{"blr", Flow::call},
    FlowRow{"blraa", Flow::call},
    FlowRow{"blraaz", Flow::call},
    FlowRow{"blrab", Flow::call},
    FlowRow{"blrabz", Flow::call},
    FlowRow{"ret", Flow::ret},
    FlowRow{"retaa", Flow::ret},
    FlowRow{"retab", Flow::ret},
    FlowRow{"brk", Flow::trap},
    FlowRow{"hlt", Flow::trap},
    FlowRow{"udf", Flow::trap},
    FlowRow{"svc", Flow::system_call},
    FlowRow{"hvc", Flow::system_call},
    FlowRow{"smc", Flow::system_call},
    FlowRow{"eret", Flow::exception_return},
    FlowRow{"eretaa", Flow::exception_return},
    FlowRow{"eretab", Flow::exception_return},
};

std::span<const FlowRow> flows_of(ArchId arch) {
  return arch == ArchId::arm64 ? std::span<const FlowRow>(kArm64Flows) : std::span<const FlowRow>(kX86Flows);
}

std::string_view without_prefix(std::string_view mnemonic) {
  return mnemonic.substr(mnemonic.rfind(' ') + 1);
}

}  // namespace

void Disassembler::Closer::operator()(csh* handle) const {
  cs_close(handle);
  delete handle;
}

// Opening fails only for an architecture that Capstone was built without; every answer is then "none".
Disassembler::Disassembler(ArchId arch) : arch_(arch) {
  csh handle = 0;
  const bool arm64 = arch == ArchId::arm64;
  if (cs_open(arm64 ? CS_ARCH_ARM64 : CS_ARCH_X86, arm64 ? CS_MODE_ARM : CS_MODE_64, &handle) != CS_ERR_OK)
    return;
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
  read_operands(instruction, *raw, arch_);
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

namespace {

// Capstone 4 does not know the returns that check a signature; no other instruction that it does not know
// changes the flow.
FlowOf unknown_flow(std::span<const std::uint8_t> bytes, ArchId arch) {
  constexpr std::uint32_t kAuthenticated = 0xd65f0bff;  // retaa; retab has one bit more
  constexpr std::uint32_t kOtherKey = 0x400;
  const auto word = arch == ArchId::arm64 ? probebench::arm64::word_at(bytes) : std::nullopt;
  return {word && (*word & ~kOtherKey) == kAuthenticated ? Flow::ret : Flow::onward, {}};
}

}  // namespace

FlowOf flow_of(std::span<const std::uint8_t> bytes, std::uint64_t address, const Disassembler& disassembler) {
  const auto instruction = disassembler.first(bytes, address);
  if (!instruction) return unknown_flow(bytes, disassembler.arch());
  const auto mnemonic = without_prefix(instruction->mnemonic);
  for (const auto& row : flows_of(disassembler.arch())) {
    if (row.mnemonic == mnemonic) return {row.flow, instruction->branch_target};
  }
  return {instruction->changes_flow ? Flow::jump : Flow::onward, instruction->branch_target};
}

}  // namespace probebench::verify
