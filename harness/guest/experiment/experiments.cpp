// SPDX-License-Identifier: MIT
#include "experiment/experiments.h"

#include <algorithm>
#include <array>

#include "cost/cost_run.h"
#include "stats/robust.h"

namespace probebench::experiment {
namespace {

constexpr bool is_failure(CellStatus status) {
  return status == CellStatus::errored || status == CellStatus::invalid;
}

bool run_surface(const ExperimentPlan& plan, const ExperimentContext& context) {
  bool fine = true;
  for (const auto& group : surface_groups(plan.surface)) {
    context.tell(ExperimentStep{surface_step(group.front())});
    const auto result = measure_surface(group, context);
    for (const auto& point : result.points) {
      fine = fine && !is_failure(point.status);
      context.tell(point);
    }
    for (const auto& step : result.life) context.tell(step);
  }
  return fine;
}

bool run_kretprobe_misses(const ExperimentPlan& plan, const ExperimentContext& context) {
  if (!plan.kretprobe_misses) return true;
  bool fine = true;
  context.tell(ExperimentStep{std::string(kMissesStep)});
  for (const auto& misses : measure_kretprobe_misses(context)) {
    fine = fine && !is_failure(misses.status);
    context.tell(misses);
  }
  return fine;
}

bool run_traps(const ExperimentPlan& plan, const ExperimentContext& context) {
  if (!plan.traps) return true;
  bool fine = true;
  context.tell(ExperimentStep{std::string(kTrapsStep)});
  for (const auto& trap : measure_traps(context.clock)) {
    fine = fine && !is_failure(trap.status);
    context.tell(trap);
  }
  return fine;
}

bool run_cost(const ExperimentPlan& plan, const ExperimentContext& context) {
  if (!plan.cost) return true;
  auto told = cost::run_cost(*plan.cost, context.clock,
                             [&](const char* step) { context.tell(ExperimentStep{step}); });
  const bool fine = !is_failure(told.status);
  context.tell(std::move(told));
  return fine;
}

constexpr int kNoisyPasses = 9;

}  // namespace

bool run_experiments(const ExperimentPlan& plan, const ExperimentContext& context) {
  const std::array fine{run_surface(plan, context),
                        run_kretprobe_misses(plan, context),
                        run_workloads(plan.workloads, context),
                        run_predict(plan, context),
                        run_cost(plan, context),
                        run_traps(plan, context)};
  return std::ranges::all_of(fine, [](bool one) { return one; });
}

Result<double> median_time(ClockKind clock, const std::function<Result<double>()>& pass) {
  TRY(pass());
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
