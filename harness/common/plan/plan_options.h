// SPDX-License-Identifier: MIT
// What the user asked to be measured, and how often; where it is measured is not the plan's business.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/cell.h"
#include "model/plan.h"

namespace probebench::plan {

struct PlanOptions {
  std::string probe_types = "all";     // comma-separated names, groups, aliases
  std::string handlers = "nop";        // comma-separated names
  std::string threads = "1";           // comma-separated numbers
  std::optional<std::int64_t> rounds;  // absent: the clock's default
  std::uint64_t seed = 1;
  std::vector<ArchId> archs = {ArchId::x86_64};  // whose rows there are
  std::optional<DriverId> driver;                // only cells of this one
  ExperimentPlan experiment;                     // of `reproduce`
  std::vector<std::string> benchmark_args;       // Google Benchmark flags
};

// Time is noisy: enough rounds for an interval of the median.
inline constexpr std::uint32_t kNoisyRounds = 20;
inline constexpr std::int64_t kMaxRounds = 10000;

struct Planned {
  Plan plan;
  std::vector<std::string> warnings;  // one line each
};

// Every chosen probe type with every chosen handler, in table order. Errors are usage errors.
Result<Planned> make_plan(const PlanOptions& options, ClockKind clock);

// The plan of `reproduce`: which cells and which experiments its parts are made of.

// Cells are chosen for every part: what a hit costs is what the others are compared with.
void choose_experiments(const std::set<ExperimentPart>& parts, std::vector<std::string> command,
                        PlanOptions& options);

// Google Benchmark is asked to list the cells, and not to measure them.
bool lists_cells(const std::vector<std::string>& benchmark_args);

// Leaves out the cells that --benchmark_filter leaves out, as the target will; an error if none is left.
Status keep_filtered(Plan& plan);

}  // namespace probebench::plan
