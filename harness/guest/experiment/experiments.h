// SPDX-License-Identifier: MIT
// What `reproduce` and `predict` measure inside the target: each in a file of its own.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/experiment.h"
#include "model/plan.h"
#include "offer/offer.h"
#include "stats/hit_cost.h"

namespace probebench::experiment {

// What every experiment of `reproduce` works with, inside the target.

struct ExperimentContext {
  const kernel::Control* control = nullptr;  // null: the helper module is not loaded here
  offer::Offer offer;
  kernel::RigLimits limits;
  std::uint64_t tsc_khz = 0;
  ClockKind clock = ClockKind::instructions;
  std::vector<stats::HitCost> costs;  // of the cells that were measured before
  std::function<void(const ExperimentRecord&)> tell;
};

// Return probes with fewer, as many and more instances than the probed function is active at once.
std::vector<KretprobeMisses> measure_kretprobe_misses(const ExperimentContext& context);

// A process's own traps: no probe is set, so this runs where probes are refused.
std::vector<TrapCost> measure_traps(ClockKind clock);

struct SurfaceResult {
  std::vector<SurfacePoint> points;
  std::vector<ControlStep> life;  // of the probes, where they sit on functions
};

// Points that share their probes: for each the operations with nothing armed, with the probes armed, their
// hits, and again with nothing armed. Arming a thousand probes takes longer than measuring them.
SurfaceResult measure_surface(std::span<const SurfaceSetting> settings, const ExperimentContext& context);

// The suites one after the other, each group of functions under every mechanism. Tells a Workload for each
// workload of each suite, and a Suite at the end of each. False when something errored or is invalid.
bool run_workloads(const WorkloadPlan& plan, const ExperimentContext& context);

// Counts the hits of the plan's sites while its command runs, by the cheapest means that this target has:
// ftrace or kprobes of the helper module, else, and on the running kernel, perf events; or those of the probe
// that the plan's cost is asked of, which is armed meanwhile. False when something failed.
bool run_predict(const ExperimentPlan& plan, const ExperimentContext& context);

// Runs what the plan asks for, one after the other, and tells every result as soon as there is one. What
// cannot run here is told as skipped, what failed as errored: neither stops the rest. False when something
// errored or is invalid.
bool run_experiments(const ExperimentPlan& plan, const ExperimentContext& context);

// One untimed pass, then the median of as many as the clock needs: one where it counts, several where it is
// noisy.
Result<double> median_time(ClockKind clock, const std::function<Result<double>()>& pass);

}  // namespace probebench::experiment
