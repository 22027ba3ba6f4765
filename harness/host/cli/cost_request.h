// SPDX-License-Identifier: MIT
// What `cost` is asked, and the run that answers it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/measuring.h"

namespace probebench::cli {

struct CostOptions : MeasuringOptions {
  std::string workload;
  std::filesystem::path bpf_object;
  std::filesystem::path probe_module;
  std::vector<std::string> parameters;  // of the module: NAME=VALUE
  std::vector<std::string> setup;       // FILE=LINE
  std::string suite;                    // a name in suites/, or a file of recipes; empty: one probe
  std::string from;                // a suite of Debian whose package has the command; empty: this machine's
  std::vector<std::string> carry;  // files, directories and programs that the command needs beside itself
  bool anatomy = false;            // record the path of a hit
  bool attach_here = false;  // native: the user agrees to what he brings being armed on the running kernel

  bool native() const { return target == "native"; }
};

// What measures the plan's probe. What is no file of one is a usage error.
Result<session::RunRequest> cost_request(const CostOptions& options, const Arguments& line);

}  // namespace probebench::cli
