// SPDX-License-Identifier: MIT
// `gate --base .. --head ..`: measures both sides, then judges them.
#pragma once

#include "base/result.h"
#include "cli/command_result.h"
#include "cli/options.h"

namespace probebench {

// Counts need one run of each side. Times need one session in which the sides alternate (base, head, control;
// control, head, base), each visit a process of its own.
Result<CommandResult> gate_session_command(const Options& options);

}  // namespace probebench
