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
  bool anatomy = false;            // record the path of a hit
};

// Of --workload; a usage error of `command` names those there are.
Result<WorkloadId> workload_of(const char* command, const std::string& name);

// "events/kprobes/mine/enable=1"; a usage error that says what is wrong with it.
Result<TracefsLine> tracefs_line_from(const std::string& text);

void add_options(CLI::App& app, CostOptions& options);
// The options are parsed: the plan that they stand for. `passed` is the tool's command. Errors are usage
// errors.
Status take_options(Arguments passed, CostOptions& options);

Result<CommandResult> perform(const CostOptions& options, const Arguments& line);

}  // namespace probebench::cli
