// SPDX-License-Identifier: MIT
// A workload's windows.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "experiment/armed_suite.h"
#include "workload/work.h"

namespace probebench::experiment {

class WorkloadRig {
 public:
  static Result<WorkloadRig> make(WorkloadId id, const workload::WorkOptions& options);

  WorkloadId id() const { return id_; }
  // Clock ticks of one operation, one window for each round. What is fixed about a window is so of the
  // baseline's as well, and a slope of two windows would be four times as noisy: what the kernel puts off
  // (freed memory, RCU) comes in batches.
  Result<std::vector<double>> time(std::uint32_t rounds);
  // The suite's hits of N operations. States are by operation.
  Result<SuiteHits> count(ArmedSuite& suite);

 private:
  WorkloadRig(WorkloadId id, std::unique_ptr<workload::Work> work) : id_(id), work_(std::move(work)) {}
  Result<std::uint64_t> window(std::uint32_t operations);

  WorkloadId id_;
  std::unique_ptr<workload::Work> work_;
};

}  // namespace probebench::experiment
