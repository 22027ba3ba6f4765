// SPDX-License-Identifier: MIT
#include "experiment/run_experiments.h"

#include "experiment/surface.h"

namespace probebench {
namespace {

constexpr bool is_failure(CellStatus status) {
  return status == CellStatus::errored || status == CellStatus::invalid;
}

bool run_surface(const ExperimentPlan& plan, const ExperimentContext& context) {
  bool fine = true;
  for (const auto& setting : plan.surface) {
    context.tell(ExperimentStep{"surface: " + setting.name()});
    const auto point = measure_surface_point(setting, context);
    fine = fine && !is_failure(point.status);
    context.tell(point);
  }
  return fine;
}

// Whole operations of the kernel, probed with the functions of a suite.
bool run_workloads(const WorkloadPlan& plan, const ExperimentContext& context) {
  if (!plan.wanted) return true;
  context.tell(ExperimentStep{"workloads"});
  return true;
}

}  // namespace

bool run_experiments(const ExperimentPlan& plan, const ExperimentContext& context) {
  const bool surface_fine = run_surface(plan, context);
  return run_workloads(plan.workloads, context) && surface_fine;
}

}  // namespace probebench
