// SPDX-License-Identifier: MIT
// The command line of `cost`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/measuring.h"
#include "model/cost.h"

namespace probebench::cli {

struct CostOptions : MeasuringOptions {
  std::string workload;
  std::filesystem::path bpf_object;
  std::filesystem::path probe_module;
  std::vector<std::string> setup;  // FILE=LINE
  std::string suite;               // a name in suites/, or a file of recipes; empty: one probe
  bool anatomy = false;            // record the path of a hit
};

// Of --workload; a usage error of `command` names those there are.
Result<WorkloadId> workload_of(const char* command, const std::string& name);

void add_options(CLI::App& app, CostOptions& options);
// The options are parsed: the plan that they stand for. `passed` is the tool's command. Errors are usage
// errors.
Status take_options(Arguments passed, CostOptions& options);

// What measures the plan's probe. What is no file of one is a usage error.
Result<session::RunRequest> cost_request(const CostOptions& options, const Arguments& line);

Result<CommandResult> perform(const CostOptions& options, const Arguments& line);

}  // namespace probebench::cli
