// SPDX-License-Identifier: MIT
#include <cmath>

#include "call/caller_team.h"
#include "call/trap_sites.h"
#include "experiment/experiments.h"
#include "model/summary.h"
#include "run/tries.h"
#include "stats/robust.h"
#include "verify/judge.h"

namespace probebench::experiment {
namespace {

// A trap takes microseconds: twice as many calls end well within a time slice.
constexpr std::uint32_t kTrapCalls = 20;
constexpr std::uint32_t kTrapWarmUp = 5;
constexpr int kTrapRounds = 31;
constexpr std::size_t kTrapText = 16;

// All kinds in each round, so that what drifts is in all of them alike.
class TrapRun {
 public:
  explicit TrapRun(ClockKind clock) : clock_(clock) {
    for (const auto& info : kTrapKinds) costs_.push_back({.kind = info.id});
  }

  std::vector<TrapCost> measure() {
    const auto status = run();
    for (auto& cost : costs_) finish(cost, status);
    return costs_;
  }

 private:
  Status run() {
    team_ = TRY(call::CallerTeam::make(1));
    handler_ = TRY(call::TrapHandler::install());
    // The kernel makes some things at the first signal of a process: a pass that is not kept.
    for (const auto& cost : costs_) {
      TrapCost first{.kind = cost.kind};
      TRY(add_round(first));
    }
    const int rounds = counts_instructions(clock_) ? static_cast<int>(kExactRounds) : kTrapRounds;
    for (int round = 0; round < rounds; ++round) {
      for (auto& cost : costs_) TRY(add_round(cost));
    }
    for (auto& cost : costs_) TRY(look_at(cost));
    return Done{};
  }

  Status add_round(TrapCost& cost) {
    const auto functions = call::trap_site(cost.kind);
    const auto counted = handler_->taken(cost.kind);
    const auto others = handler_->others(cost.kind);
    const auto twin = TRY(per_call(functions.twin));
    calls_ = 0;
    const auto site = TRY(per_call(functions.site));
    cost.per_trap.push_back(site - twin);
    cost.hits.expected += calls_;
    cost.hits.counted += handler_->taken(cost.kind) - counted;
    cost.hits.missed += handler_->others(cost.kind) - others;
    return Done{};
  }

  Result<double> per_call(call::UserFunction function) {
    auto single = TRY(window(function, kTrapCalls));
    auto twice = TRY(window(function, 2 * kTrapCalls));
    return stats::slope({single, twice}, stats::Counter::ticks).value_or(NAN);
  }

  Result<Window> window(call::UserFunction function, std::uint32_t calls) {
    return run::undisturbed_window(run::kWindowTries, [&]() -> Result<Window> {
      call::yield_until_tick();
      team_->time_calls(function, kTrapWarmUp);
      calls_ += kTrapWarmUp + calls;
      return team_->time_calls(function, calls);
    });
  }

  static Status look_at(TrapCost& cost) {
    const auto address = reinterpret_cast<std::uint64_t>(call::trap_site(cost.kind).site);
    auto text = TRY(call::read_own_text(address, kTrapText));
    cost.text = std::move(text);
    return Done{};
  }

  static void finish(TrapCost& cost, const Status& status) {
    const auto wrong = status ? verify::judge(cost) : std::optional(status.error().message());
    cost.status = !status ? CellStatus::errored : wrong ? CellStatus::invalid : CellStatus::measured;
    cost.reason = wrong.value_or("");
  }

  ClockKind clock_;
  std::vector<TrapCost> costs_;
  std::unique_ptr<call::CallerTeam> team_;
  std::unique_ptr<call::TrapHandler> handler_;
  std::uint64_t calls_ = 0;
};

}  // namespace

std::vector<TrapCost> measure_traps(ClockKind clock) {
  return TrapRun(clock).measure();
}

}  // namespace probebench::experiment
