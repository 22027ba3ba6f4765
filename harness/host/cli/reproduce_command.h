// SPDX-License-Identifier: MIT
// The command line of `reproduce`.
#pragma once

#include <string>
#include <vector>

#include "cli/measuring.h"
#include "reproduce/reproduction.h"

namespace probebench::cli {

struct ReproduceOptions : MeasuringOptions {
  std::string parts;            // comma-separated names of kExperimentParts; add_options() fills in all
  std::string line = "5%";      // what a workload may be slowed down when pruned
  std::string suites;           // comma-separated; empty: all of suites
  std::string workloads;        // comma-separated names of kWorkloads; empty: all
  bool runs_workloads = false;  // take_options() found it in `parts`
  bool prunes = false;          // so, too
};

void add_options(CLI::App& app, ReproduceOptions& options);
// The options are parsed: the cells and experiments that they stand for. `passed` is the user's own workload.
// Errors are usage errors.
Status take_options(Arguments passed, ReproduceOptions& options);

// The same request and its answers for another command.
Result<session::RunRequest> reproduce_request(const ReproduceOptions& options, const Arguments& line);
std::vector<reproduce::Reproduction> reproductions_of(const session::RunOutcome& outcome);

Result<CommandResult> perform(const ReproduceOptions& options, const Arguments& line);

}  // namespace probebench::cli
