// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "experiment/experiments.h"
#include "experiment/probe_life.h"
#include "verify/judge.h"

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
      const auto base = TRY(time_ops(point));
      point.base_per_op = base;
    }
    TRY(measure_armed());
    for (auto& point : result_.points) {
      const auto base = TRY(time_ops(point));
      const auto wrong = verify::judge(point, base, context_.clock);
      point.status = wrong ? CellStatus::invalid : CellStatus::measured;
      point.reason = wrong.value_or("");
    }
    return Done{};
  }

  Status measure_armed() {
    auto life = TRY(ProbeLife::begin(shared_, context_));
    for (auto& point : result_.points) {
      point.state = life.state();
      TRY(measure_hits(point, life.set()));
    }
    auto steps = TRY(life.end());
    if (shared_.layout == SurfaceLayout::functions) result_.life = std::move(steps);
    return Done{};
  }

  Status measure_hits(SurfacePoint& point, attach::ProbeSet& set) const {
    const auto handler = point.setting.handler;
    point.handler_cost = TRY(field_.handler_cost(*context_.control, handler));
    TRY(set.use_handler({handler}));
    point.armed_per_op = TRY(time_ops(point));
    return count_hits(point, set);
  }

  Status count_hits(SurfacePoint& point, attach::ProbeSet& set) const {
    TRY(set.use_handler({{Handler::count}}));
    const auto missed_before = TRY(set.totals());
    const auto counted = TRY(field_.run(operation_of(point.setting), point.ops));
    const auto totals = TRY(set.totals());
    point.hits = {point.ops * point.setting.hits_per_op, counted.hits, totals.missed - missed_before.missed};
    if (counted.hits_elsewhere == 0) return Done{};
    return Error{Fault::cell, fmt::format("{} hits on another CPU", counted.hits_elsewhere), 0, {}};
  }

  // Text that was just patched makes the first hits dearer: they are not timed.
  Result<double> time_ops(const SurfacePoint& point) const {
    return median_time(context_.clock, [&]() -> Result<double> {
      const auto time = TRY(field_.run(operation_of(point.setting), point.ops, in_window(point.setting)));
      return time.ticks_per_op();
    });
  }

  // Operations whose delays take half of a window's time at most: a delay is cut off where that ends.
  std::uint64_t in_window(const SurfaceSetting& setting) const {
    const std::uint64_t delays = std::uint64_t{setting.hits_per_op} * setting.handler.delay_ns;
    if (delays == 0) return std::numeric_limits<std::uint32_t>::max();
    return std::max<std::uint64_t>(1, context_.limits.max_window_ns / 2 / delays);
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
