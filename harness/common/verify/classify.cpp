// SPDX-License-Identifier: MIT
#include "verify/classify.h"

#include "verify/arm64/classify.h"
#include "verify/x86/classify.h"

namespace probebench::verify {

ProbeState classify(const Evidence& evidence) {
  return evidence.arch == ArchId::arm64 ? arm64::classify(evidence) : x86::classify(evidence);
}

bool is_restored(const Bytes& before, const Bytes& after) {
  return kOwnArch == ArchId::arm64 ? after == before : x86::is_restored(before, after);
}

bool is_restored(const Evidence& evidence) {
  return evidence.arch == ArchId::arm64 ? evidence.after == evidence.before : x86::is_restored(evidence);
}

bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen) {
  return evidence.arch == ArchId::arm64 ? arm64::is_same_patch(evidence, seen)
                                        : x86::is_same_patch(evidence, seen);
}

}  // namespace probebench::verify
