// SPDX-License-Identifier: MIT
#include "call/test_run_team.h"

#include <optional>

namespace probebench::call {
namespace {

// The window of all threads; the first failure where there is one.
Result<Window> gather(const std::vector<std::optional<Result<TimedLoop>>>& outcomes) {
  std::vector<TimedLoop> loops;
  for (const auto& outcome : outcomes) {
    if (!*outcome) return outcome->error();
    loops.push_back(**outcome);
  }
  return joined(loops);
}

}  // namespace

Result<TestRunTeam> TestRunTeam::load(const Cell& cell, ClockKind clock, std::uint64_t tsc_khz) {
  TestRunTeam loaded(clock, tsc_khz);
  auto team = CallerTeam::make(cell.threads);
  if (!team) return team.error();
  loaded.team_ = std::move(*team);
  while (loaded.drivers_.size() < cell.threads) {
    auto driver = TestRunDriver::load(cell.site, clock);
    if (!driver) return driver.error();
    loaded.drivers_.push_back(std::move(*driver));
  }
  return loaded;
}

Result<Window> TestRunTeam::window(std::uint32_t calls, bool cold, bool marked) {
  for (auto& driver : drivers_) {
    if (auto status = driver.prepare(calls, cold); !status) return status.error();
  }
  std::vector<std::optional<Result<TimedLoop>>> outcomes(drivers_.size());
  // Interrupts are on in the loop: begun just behind a timer tick, the next one is a while away.
  yield_until_tick();
  const auto counted = team_->run_counted(
      [&](std::size_t index) { outcomes[index] = drivers_[index].loop(calls, cold, marked); });
  auto window = gather(outcomes);
  if (!window) return window;
  kernel::put_counts(counted, *window);
  if (counts_instructions(clock_)) return window;
  window->ticks = (window->ticks * tsc_khz_ + 500'000) / 1'000'000;
  return window;
}

void TestRunTeam::reload_code() {
  for (auto& driver : drivers_) driver.unload();
}

}  // namespace probebench::call
