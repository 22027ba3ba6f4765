// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace probebench::workload {

// The operations of a workload. What they need is made by the factory and goes with it: files, sockets, other
// processes.
class Work {
 public:
  virtual ~Work() = default;
  virtual Status run(std::uint32_t operations) = 0;
};

using MadeWork = Result<std::unique_ptr<Work>>;

struct WorkOptions {
  std::vector<std::string> command;  // WorkloadId::command
  std::chrono::seconds timeout{60};  // for each start of it
};

}  // namespace probebench::workload
