// SPDX-License-Identifier: MIT
// What the owner of a machine gives to others: what several processes measured as one, counts of the same
// cells beside it, and nothing that tells whose machine it is. docs/contribute.md describes the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/run_record.h"

namespace probebench::contribution {

inline constexpr int kContributionVersion = 1;

struct Contribution {
  std::vector<RunRecord> processes = {};    // of the running kernel: the same cells, each measured anew
  std::optional<RunRecord> counts = {};     // the same cells under emulation
  std::string reproduce_json = {};          // as reproduce.json has it; empty: it was not measured
  std::vector<std::string> unfit = {};      // names of checks of the environment that found something
  std::vector<std::string> missing = {};    // what was not measured, and why; a line each
  std::vector<std::string> own_paths = {};  // folders whose names tell of the owner
};

// One machine, and something measured on it.
Status check(const Contribution& given);

// All processes as one run: of a figure the median of the processes' medians, with the interval that they
// leave; n counts processes. The rounds of all are kept.
RunRecord over_processes(const std::vector<RunRecord>& processes);

// Processes and counts as one run, without what belongs to the machine alone.
RunRecord published_run(const Contribution& given);

// The whole file.
std::string write_contribution(const Contribution& given);

}  // namespace probebench::contribution
