// SPDX-License-Identifier: MIT
// `info`: what this machine has, then what a booted kernel offers. Nothing is measured.
#pragma once

#include "base/result.h"
#include "cli/command_result.h"
#include "cli/options.h"

namespace probebench {

Result<CommandResult> info_command(const Options& options);

}  // namespace probebench
