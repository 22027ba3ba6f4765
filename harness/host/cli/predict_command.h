// SPDX-License-Identifier: MIT
// The command line of `predict`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/measuring.h"
#include "plan/probe_language.h"

namespace probebench::cli {

struct PredictOptions : MeasuringOptions {
  std::vector<std::string> probes;      // TYPE:PLACE
  std::vector<plan::AskedProbe> asked;  // the same, read
  std::string handler = "count";
  std::int64_t timeout_s = 60;
};

void add_options(CLI::App& app, PredictOptions& options);
// The options are parsed: the plan that they stand for. `passed` is the command. Errors are usage errors.
Status take_options(Arguments passed, PredictOptions& options);

Result<CommandResult> perform(const PredictOptions& options, const Arguments& line);

}  // namespace probebench::cli
