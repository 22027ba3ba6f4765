// SPDX-License-Identifier: MIT
#include "experiment/median_time.h"

#include "stats/robust.h"

namespace probebench::experiment {
namespace {

constexpr int kNoisyPasses = 9;

}  // namespace

Result<double> median_time(ClockKind clock, const std::function<Result<double>()>& pass) {
  if (auto warm_up = pass(); !warm_up) return warm_up;
  std::vector<double> times;
  const int passes = counts_instructions(clock) ? 1 : kNoisyPasses;
  for (int i = 0; i < passes; ++i) {
    auto time = pass();
    if (!time) return time;
    times.push_back(*time);
  }
  return stats::median(times);
}

}  // namespace probebench::experiment
