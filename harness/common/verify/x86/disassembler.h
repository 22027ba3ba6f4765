// SPDX-License-Identifier: MIT
// x86-64 instructions out of bytes, by Capstone.
#pragma once

#include <capstone/capstone.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

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
  Disassembler();

  // The first instruction; absent when the bytes are none.
  std::optional<Instruction> first(std::span<const std::uint8_t> bytes, std::uint64_t address) const;

  // Whole instructions that cover at least `length` bytes; empty when the bytes do not hold that many.
  std::vector<Instruction> covering(std::span<const std::uint8_t> bytes, std::uint64_t address,
                                    std::size_t length) const;

 private:
  struct Closer {
    void operator()(csh* handle) const;
  };
  std::unique_ptr<csh, Closer> handle_;
};

}  // namespace probebench::verify
