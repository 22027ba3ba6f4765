// SPDX-License-Identifier: MIT
// What arm64's words at a probe site prove.
#pragma once

#include <cstdint>
#include <span>

#include "model/sample.h"

namespace probebench::verify::arm64 {

ProbeState classify(const Evidence& evidence);

// Whether `seen` is the armed patch, wherever its branch leads.
bool is_same_patch(const Evidence& evidence, std::span<const std::uint8_t> seen);

}  // namespace probebench::verify::arm64
