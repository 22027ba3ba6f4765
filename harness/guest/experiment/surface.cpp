// SPDX-License-Identifier: MIT
#include "experiment/surface.h"

#include <fmt/format.h>

#include <utility>

#include "experiment/median_time.h"
#include "experiment/probe_life.h"
#include "experiment/surface_operation.h"
#include "verify/judge_experiment.h"

namespace probebench::experiment {
namespace {

// Points with the same probes, from the baseline to the baseline.
class SurfaceRun {
 public:
  SurfaceRun(std::span<const SurfaceSetting> settings, const ExperimentContext& context)
      : shared_(settings.front()), context_(context), field_(*context.control) {
    for (const auto& setting : settings)
      result_.points.push_back({.setting = setting, .ops = ops_of(setting)});
  }

  SurfaceResult measure() {
    const auto status = run();
    if (status) return result_;
    const bool skipped = status.error().fault == Fault::unsupported;
    for (auto& point : result_.points) {
      point.status = skipped ? CellStatus::skipped : CellStatus::errored;
      point.reason = status.error().message();
    }
    return result_;
  }

 private:
  Status run() {
    for (auto& point : result_.points) {
      const auto base = time_ops(point);
      if (!base) return base.error();
      point.base_per_op = *base;
    }
    if (auto status = measure_armed(); !status) return status;
    for (auto& point : result_.points) {
      const auto base = time_ops(point);
      if (!base) return base.error();
      const auto wrong = verify::judge(point, *base, context_.clock);
      point.status = wrong ? CellStatus::invalid : CellStatus::measured;
      point.reason = wrong.value_or("");
    }
    return Done{};
  }

  Status measure_armed() {
    auto life = ProbeLife::begin(shared_, context_);
    if (!life) return life.error();
    for (auto& point : result_.points) {
      point.state = life->state();
      if (auto status = measure_hits(point, life->set()); !status) return status;
    }
    auto steps = life->end();
    if (!steps) return steps.error();
    if (shared_.layout == SurfaceLayout::functions) result_.life = std::move(*steps);
    return Done{};
  }

  Status measure_hits(SurfacePoint& point, attach::ProbeSet& set) const {
    const auto handler = point.setting.handler;
    const auto cost = field_.handler_cost(*context_.control, handler);
    if (!cost) return cost.error();
    point.handler_cost = *cost;
    if (auto status = set.use_handler({handler}); !status) return status;
    const auto armed = time_ops(point);
    if (!armed) return armed.error();
    point.armed_per_op = *armed;
    return count_hits(point, set);
  }

  Status count_hits(SurfacePoint& point, attach::ProbeSet& set) const {
    if (auto status = set.use_handler({{Handler::count}}); !status) return status;
    const auto missed_before = set.totals();
    if (!missed_before) return missed_before.error();
    const auto counted = field_.run(operation_of(point.setting), point.ops);
    if (!counted) return counted.error();
    const auto totals = set.totals();
    if (!totals) return totals.error();
    point.hits = {point.ops * point.setting.hits_per_op, counted->hits,
                  totals->missed - missed_before->missed};
    if (counted->hits_elsewhere == 0) return Done{};
    return Error{Fault::cell, fmt::format("{} hits on another CPU", counted->hits_elsewhere), 0, {}};
  }

  // Text that was just patched makes the first hits dearer: they are not timed.
  Result<double> time_ops(const SurfacePoint& point) const {
    return median_time(context_.clock, [&]() -> Result<double> {
      const auto time = field_.run(operation_of(point.setting), point.ops);
      if (!time) return time.error();
      return time->ticks_per_op();
    });
  }

  SurfaceSetting shared_;
  const ExperimentContext& context_;
  call::Field field_;
  SurfaceResult result_;
};

}  // namespace

SurfaceResult measure_surface(std::span<const SurfaceSetting> settings, const ExperimentContext& context) {
  if (context.control != nullptr) return SurfaceRun(settings, context).measure();
  SurfaceResult result;
  for (const auto& setting : settings) {
    result.points.push_back({.setting = setting});
    result.points.back().status = CellStatus::skipped;
    result.points.back().reason = context.offer.why_not(Capability::helper_module).message();
  }
  return result;
}

}  // namespace probebench::experiment
