// SPDX-License-Identifier: MIT
// From bytes and flags to the state a probe is in. Pure; the same code runs in the target and in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/sample.h"

namespace probebench::verify {

// The kernel has the upper half of the address space.
constexpr bool is_kernel_address(std::uint64_t address) {
  return (address >> 63) != 0;
}

// The state that `evidence.armed` and what belongs to it (slot, detour address, flags) prove.
// `evidence.before` must hold the original bytes. Bytes that fit no state are ProbeState::unknown.
ProbeState classify(const Evidence& evidence);

// Whether a site that held `before` is itself again. Linux 7.2 gives a nop of ten bytes that was lea and call
// only its first five bytes back: the call stays, as the nop's displacement, for a thread that was about to
// make it (arch/x86/kernel/uprobes.c, int3_update_unoptimize()). It is still one nop of ten bytes.
bool is_restored(const Bytes& before, const Bytes& after);
// And the call that stays is the one that was there.
bool is_restored(const Evidence& evidence);

// How many of the armed bytes stay the same when the site in this state is patched to lead elsewhere. Absent:
// all of them, as it leads nowhere or always to the same place.
constexpr std::optional<std::size_t> bytes_before_trampoline(ProbeState state) {
  constexpr std::size_t kOpcodeBytes = 1;  // of a call or jmp; its displacement follows
  const bool into_trampoline = state == ProbeState::ftrace || state == ProbeState::ftrace_jump;
  return into_trampoline ? std::optional(kOpcodeBytes) : std::nullopt;
}

}  // namespace probebench::verify
