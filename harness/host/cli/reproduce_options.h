// SPDX-License-Identifier: MIT
// The command line of `reproduce`.
#pragma once

#include <string>

#include "base/result.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace probebench {

struct Options;

struct ReproduceOptions {
  std::string parts = "per-hit,surface,workloads";  // comma-separated names of kExperimentParts
  std::string suites;                               // comma-separated; empty: all of suites
  std::string workloads;                            // comma-separated names of kWorkloads; empty: all
  bool runs_workloads = false;                      // take_reproduce() found it in `parts`
};

CLI::App* add_reproduce_command(CLI::App& app, Options& options);

// What `reproduce` was asked for, when it was parsed: its cells and experiments. What follows "--" is the
// user's own workload. Errors are usage errors.
Status take_reproduce(Options& options);

}  // namespace probebench
