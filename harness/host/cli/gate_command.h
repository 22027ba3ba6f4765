// SPDX-License-Identifier: MIT
// `compare` and `gate` of results that are there, and `baseline update`.
#pragma once

#include "base/result.h"
#include "cli/command_result.h"
#include "cli/options.h"
#include "gate/match.h"
#include "gate/session.h"

namespace probebench {

Result<CommandResult> compare_command(const Options& options);
Result<CommandResult> gate_command(const Options& options);
Result<CommandResult> baseline_command(const Options& options);

// The end of every gate: judges, writes the exports, and says so.
Result<CommandResult> judge_sides(const Options& options, const Side& base, const Side& head,
                                  const MatchRules& rules, const Session* session);

}  // namespace probebench
