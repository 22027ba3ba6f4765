// SPDX-License-Identifier: MIT
// From bytes and flags to the state a probe is in, by the rules of the bytes' architecture. Pure; the same
// code runs in the target and in tests.
#pragma once

#include <cstdint>
#include <span>

#include "model/sample.h"
#include "verify/kernel_address.h"  // IWYU pragma: export

namespace probebench::verify {

// The state that `evidence.armed` and what belongs to it (slot, detour address, flags) prove.
// `evidence.before` must hold the original bytes. Bytes that fit no state are ProbeState::unknown.
ProbeState classify(const Evidence& evidence);

// Whether a site of this program's architecture that held `before` is itself again; not always the same
// bytes, see x86/classify.h.
bool is_restored(const Bytes& before, const Bytes& after);
bool is_restored(const Evidence& evidence);

// Whether the bytes that a window saw at the site are what armed it, where the probe may lead elsewhere each
// time that it is attached.
bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen);

}  // namespace probebench::verify
