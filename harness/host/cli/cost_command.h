// SPDX-License-Identifier: MIT
// The command line of `cost`.
#pragma once

#include <string>

#include "cli/cost_request.h"

namespace probebench::cli {

// Of --workload; a usage error of `command` names those there are.
Result<WorkloadId> workload_of(const char* command, const std::string& name);
// The same, or a program of the user's with its arguments: "./my-program -v". Whatever has a '/' is one.
Status take_workload(const char* command, const std::string& text, CostPlan& plan);

// A count of instructions is what the answer is: another clock is a usage error of `command`.
Status count_instructions(const char* command, MeasuringOptions& options);

void add_options(CLI::App& app, CostOptions& options);
// The options are parsed: the plan that they stand for. `passed` is the tool's command. Errors are usage
// errors.
Status take_options(Arguments passed, CostOptions& options);

Result<CommandResult> perform(const CostOptions& options, const Arguments& line);

}  // namespace probebench::cli
