// SPDX-License-Identifier: MIT
// What `predict` is asked.
#pragma once

#include <cstdint>
#include <filesystem>
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
  // In place of probes: one that the user brings.
  std::filesystem::path bpf_object;
  std::string bpftrace;  // its program
  std::string workload;  // the operation that hits it once
  // In place of the command: a process that runs, and the seconds of a window.
  std::int32_t process = 0;
  double window_s = 1;
  std::filesystem::path suite;  // a file of questions; empty: one question
};

}  // namespace probebench::cli
