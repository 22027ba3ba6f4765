// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "call/caller_team.h"
#include "call/test_run_driver.h"

namespace probebench::call {

// The test-run driver on one or more threads at once.
class TestRunTeam {
 public:
  // A kernel without the site's function is an unsupported error, as is a target with too few CPUs.
  static Result<TestRunTeam> load(const Cell& cell, ClockKind clock, std::uint64_t tsc_khz);

  // Ticks are of the TSC, or the kernel's nanoseconds in its units. Hits are the caller's to fill in.
  Result<Window> window(std::uint32_t calls, bool cold, bool marked);
  // The next window's programs are loaded once more.
  void reload_code();

 private:
  TestRunTeam(ClockKind clock, std::uint64_t tsc_khz) : clock_(clock), tsc_khz_(tsc_khz) {}

  ClockKind clock_;
  std::uint64_t tsc_khz_;
  std::unique_ptr<CallerTeam> team_;
  std::vector<TestRunDriver> drivers_;  // of each thread
};

}  // namespace probebench::call
