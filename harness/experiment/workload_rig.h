// SPDX-License-Identifier: MIT
// A workload's windows.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "experiment/armed_suite.h"
#include "workload/work.h"

namespace probebench {

class WorkloadRig {
 public:
  static Result<WorkloadRig> make(WorkloadId id, const WorkOptions& options);

  WorkloadId id() const { return id_; }
  // Clock ticks of one operation, from a window of N and one of 2N, for each round.
  Result<std::vector<double>> time(std::uint32_t rounds);
  // The suite's hits of N operations; agreed when both counts are equal. States are by operation.
  struct Count {
    SuiteHits of;
    bool agreed = false;
  };
  Result<Count> count(ArmedSuite& suite);

 private:
  WorkloadRig(WorkloadId id, std::unique_ptr<Work> work) : id_(id), work_(std::move(work)) {}
  Result<std::uint64_t> window(std::uint32_t operations);

  WorkloadId id_;
  std::unique_ptr<Work> work_;
};

// Whether the counts of two windows of the same operations are the same number. What the timer hits is as
// often as time has passed in each.
bool counts_agree(const HitCount& hits, bool by_time);

}  // namespace probebench
