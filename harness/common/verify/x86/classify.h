// SPDX-License-Identifier: MIT
// From bytes and flags to the state a probe is in. Pure; the same code runs in the target and in tests.
#pragma once

#include "model/sample.h"

namespace probebench {

// The state that `evidence.armed` and what belongs to it (slot, detour address, flags) prove.
// `evidence.before` must hold the original bytes. Bytes that fit no state are ProbeState::unknown.
ProbeState classify(const Evidence& evidence);

}  // namespace probebench
