// SPDX-License-Identifier: MIT
// What x86-64's bytes at a probe site prove.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/sample.h"

namespace probebench::verify::x86 {

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

// Whether `seen` begins with what armed the site; of what leads into a trampoline its opcode.
bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen);

}  // namespace probebench::verify::x86
