// SPDX-License-Identifier: MIT
// What the bytes say, by disassembly (Capstone): a second opinion on the classified state, made on the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/arch.h"
#include "model/sample.h"

namespace probebench::verify {

// The first instruction, "jmp 0xffffffffc0201000"; empty when the bytes are no instruction.
std::string decode(const Bytes& bytes, std::uint64_t address, ArchId arch);

// Why the evidence does not say what its `state` claims; absent when it does, and for a cell that was not
// measured.
std::optional<std::string> contradiction(const CellResult& result);

}  // namespace probebench::verify
