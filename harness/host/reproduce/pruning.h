// SPDX-License-Identifier: MIT
// What leaving out the hottest sites of a suite came to: how many, and whether that was enough.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/experiment.h"
#include "reproduce/prediction.h"
#include "stats/robust.h"

namespace probebench::reproduce {

// A workload of the group. Overheads are percent of an operation with nothing armed.
struct PrunedWorkload {
  WorkloadId id = WorkloadId::null_syscall;
  std::optional<double> whole = {};      // with every site armed; absent: not measured
  std::optional<double> predicted = {};  // with the last set, from its hits and what a hit costs
  std::optional<double> measured = {};   // with the last set; the whole suite where no site is left out
  // The least and the most that the rounds of `measured` and of its baselines make.
  std::optional<stats::Interval> range = {};
};

struct Pruning {
  PrunedSuite told = {};
  ProbeState state = ProbeState::unknown;  // of most sites of the whole suite
  std::uint32_t sites = 0;                 // armed when none is left out
  std::uint32_t kept = 0;
  std::vector<PrunedWorkload> workloads = {};

  // Each was measured below the line with the last set.
  bool confirmed() const;
  std::size_t above() const;  // workloads at the line or above it with every site armed
  double kept_percent() const { return sites == 0 ? 0 : 100.0 * kept / sites; }
};

std::vector<Pruning> prunings_of(const std::vector<PrunedSuite>& told,
                                 const std::vector<PredictedWorkload>& workloads);

// That of a mechanism that was measured and has a figure for a workload; nullptr: none.
const Pruning* find_pruning(const std::vector<Pruning>& prunings, SuiteMechanism mechanism);

}  // namespace probebench::reproduce
