// SPDX-License-Identifier: MIT
// A cell that keeps every validity rule; a test breaks one thing and expects the rule to say so.
#pragma once

#include "model/sample.h"

namespace probebench {

// kprobe-optimized, handler count, three equal rounds of 100 and 200 calls, 105 instructions a hit.
CellResult valid_cell();

}  // namespace probebench
