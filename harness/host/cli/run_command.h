// SPDX-License-Identifier: MIT
// A run, which is what the program does where no subcommand is named.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "cli/measuring.h"

namespace probebench::cli {

// The report that a run of every probe type ends with. Python writes it; a run is no worse without.

bool ends_with_report(const std::string& probe_types, bool quiet);

// A page takes a second or two; this is for a host that swaps, or is emulated.
inline constexpr std::chrono::seconds kReportDeadline{600};

// What is to be said: where the report is, or why there is none.
std::string write_run_report(const std::filesystem::path& project_root,
                             const std::filesystem::path& run_directory,
                             std::chrono::seconds deadline = kReportDeadline);

// The command line of a run, which is what the program does where no subcommand is named.

struct RunOptions : MeasuringOptions {
  bool tune = false;           // native: change settings until the run is over
  bool strict = false;         // native: an unfit machine is not measured
  bool force_cleanup = false;  // only put back what a killed run left
  std::string format = "table";
  std::string json;  // where results.json is copied to; "-" is stdout, empty: nowhere
};

void add_options(CLI::App& app, RunOptions& options);
// The options are parsed. Errors are usage errors.
Status take_options(Arguments passed, RunOptions& options);

Result<CommandResult> perform(const RunOptions& options, const Arguments& line);

}  // namespace probebench::cli
