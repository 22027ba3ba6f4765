// SPDX-License-Identifier: MIT
// Windows of a workload's operations, and what one operation takes by them.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "workload/work.h"

namespace probebench::cost {

class Windows {
 public:
  Windows(workload::Work& work, std::uint32_t rounds) : work_(work), rounds_(rounds) {}

  // How many operations the shorter window of a pair has, for a pair to end before the next timer tick.
  Result<std::uint32_t> operations();
  // As many operations as a window has.
  Status run(std::uint32_t operations);
  // Instructions of one operation, one figure for each round: (T(2N) - T(N)) / N. `between` is done before
  // each window, for readers that have to keep up.
  Result<std::vector<double>> per_op(std::uint32_t operations, const std::function<Status()>& between);

  // All that were made since this was called last.
  std::uint64_t take_operations() { return std::exchange(made_, 0); }

 private:
  Result<std::uint64_t> clean_window(std::uint32_t operations, const std::function<Status()>& between);

  workload::Work& work_;
  std::uint32_t rounds_;
  std::uint64_t made_ = 0;
};

}  // namespace probebench::cost
