// SPDX-License-Identifier: MIT
#include "plan/plan_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "model/noise_advice.h"
#include "model/summary.h"
#include "plan/selection.h"

namespace probebench::plan {
namespace {

std::uint32_t default_rounds(ClockKind clock) {
  return counts_instructions(clock) ? kExactRounds : kNoisyRounds;
}

Result<std::uint32_t> checked_rounds(const PlanOptions& options, ClockKind clock) {
  if (!options.rounds) return default_rounds(clock);
  if (*options.rounds < 1 || *options.rounds > kMaxRounds) {
    return Error{
        Fault::usage, fmt::format("--rounds {}: expected 1 to {}", *options.rounds, kMaxRounds), 0, {}};
  }
  return static_cast<std::uint32_t>(*options.rounds);
}

Status check_benchmark_args(const std::vector<std::string>& args) {
  for (const auto& arg : args) {
    if (arg.starts_with("--benchmark_")) continue;
    return Error{Fault::usage,
                 fmt::format("'{}' after --: only Google Benchmark's --benchmark_* flags go there", arg), 0,
                 "put our own options before --"};
  }
  return Done{};
}

std::vector<std::string> warnings_for(const Plan& plan) {
  if (!counts_instructions(plan.clock) || plan.rounds >= kExactRounds) return {};
  return {fmt::format("--rounds {}: too few to prove a count exact, which takes {}; {}", plan.rounds,
                      kExactRounds, see(NoiseAdvice::few_rounds))};
}

}  // namespace

Result<Planned> make_plan(const PlanOptions& options, ClockKind clock) {
  const auto types = select_probe_types(options.probe_types);
  if (!types) return types.error();
  const auto handlers = select_handlers(options.handlers);
  if (!handlers) return handlers.error();
  const auto threads = select_threads(options.threads);
  if (!threads) return threads.error();
  const auto rounds = checked_rounds(options, clock);
  if (!rounds) return rounds.error();
  if (auto status = check_benchmark_args(options.benchmark_args); !status) return status.error();
  Planned planned;
  const auto to_plan = std::back_inserter(planned.plan.cells);
  for (const auto type : *types) {
    for (const auto handler : *handlers) {
      for (const auto number : *threads) std::ranges::copy(cells_of(type, handler, number), to_plan);
    }
  }
  std::erase_if(planned.plan.cells,
                [&](const Cell& cell) { return options.driver && cell.driver != *options.driver; });
  planned.plan.rounds = *rounds;
  planned.plan.seed = options.seed;
  planned.plan.clock = clock;
  planned.plan.experiment = options.experiment;
  planned.plan.benchmark_args = options.benchmark_args;
  planned.warnings = warnings_for(planned.plan);
  return planned;
}

}  // namespace probebench::plan
