// SPDX-License-Identifier: MIT
// The command line of a run, which is what the program does where no subcommand is named.
#pragma once

#include <string>

#include "cli/option_groups.h"

namespace probebench::cli {

struct RunOptions : MeasuringOptions {
  bool tune = false;           // native: change settings until the run is over
  bool strict = false;         // native: an unfit machine is not measured
  bool force_cleanup = false;  // only put back what a killed run left
  std::string json;            // where results.json is copied to; "-" is stdout, empty: nowhere
};

void add_options(CLI::App& app, RunOptions& options);
// The options are parsed. Errors are usage errors.
Status take_options(Arguments passed, RunOptions& options);

Result<CommandResult> perform(const RunOptions& options, const Arguments& line);

}  // namespace probebench::cli
