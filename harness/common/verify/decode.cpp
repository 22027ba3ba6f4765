// SPDX-License-Identifier: MIT
#include "verify/decode.h"

#include "verify/arm64/decode.h"
#include "verify/disassembler.h"
#include "verify/x86/decode.h"

namespace probebench::verify {

std::string decode(const Bytes& bytes, std::uint64_t address, ArchId arch) {
  const auto instruction = Disassembler(arch).first(bytes, address);
  return instruction ? instruction->text() : std::string();
}

std::optional<std::string> contradiction(const CellResult& result) {
  if (result.status != CellStatus::measured) return std::nullopt;
  const auto& evidence = result.evidence;
  return evidence.arch == ArchId::arm64 ? arm64::objection(evidence) : x86::objection(evidence);
}

}  // namespace probebench::verify
