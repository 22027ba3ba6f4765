// SPDX-License-Identifier: MIT
// The operations of kWorkloads, as code that runs inside the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/workload_plan.h"

namespace probebench {

// What it needs is made by its factory and goes with it: files, sockets, other processes.
class Work {
 public:
  virtual ~Work() = default;
  virtual Status run(std::uint32_t operations) = 0;
};

struct WorkOptions {
  std::vector<std::string> command;  // WorkloadId::command
  std::chrono::seconds timeout{60};  // for each start of it
};

// An unsupported error where this target lacks something (as(1), loopback).
Result<std::unique_ptr<Work>> make_work(WorkloadId id, const WorkOptions& options);

}  // namespace probebench
