// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "reproduce/reproduction.h"

namespace probebench::text {

// The fits, what the number of armed probes does, and the lives of probes. Empty where nothing was measured.
std::string surface_text(const reproduce::Reproduction& target);
std::string control_plane_text(const reproduce::Reproduction& target);

}  // namespace probebench::text
