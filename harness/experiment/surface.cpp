// SPDX-License-Identifier: MIT
#include "experiment/surface.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiment/median_time.h"
#include "probe/field.h"
#include "probe/probe_set.h"
#include "probe/setting.h"
#include "verify/classify.h"
#include "verify/judge_experiment.h"

namespace probebench {
namespace {

constexpr std::uint64_t kFewestOps = 8;

FieldOperation operation_of(const SurfaceSetting& setting) {
  if (setting.layout == SurfaceLayout::path) return {FieldLayout::path, setting.work, 1, 1};
  return {FieldLayout::functions, setting.work, setting.hits_per_op, setting.probes};
}

// Enough to pass each armed probe as often as every other.
std::uint64_t ops_of(const SurfaceSetting& setting) {
  if (setting.layout != SurfaceLayout::functions) return kFewestOps;
  return std::max<std::uint64_t>(kFewestOps, setting.probes);
}

// Points with the same probes, from the baseline to the baseline. The set disarms itself when a step fails.
class SurfaceRun {
 public:
  SurfaceRun(std::span<const SurfaceSetting> settings, const ExperimentContext& context)
      : shared_(settings.front()), context_(context), field_(*context.control) {
    for (const auto& setting : settings) points_.push_back({.setting = setting, .ops = ops_of(setting)});
  }

  std::vector<SurfacePoint> measure() {
    const auto status = run();
    if (status) return points_;
    const bool skipped = status.error().fault == Fault::unsupported;
    for (auto& point : points_) {
      point.status = skipped ? CellStatus::skipped : CellStatus::errored;
      point.reason = status.error().message();
    }
    return points_;
  }

 private:
  Status run() {
    for (auto& point : points_) {
      const auto base = time_ops(point);
      if (!base) return base.error();
      point.base_per_op = *base;
    }
    if (auto status = measure_armed(); !status) return status;
    for (auto& point : points_) {
      const auto base = time_ops(point);
      if (!base) return base.error();
      const auto wrong = judge(point, *base, context_.clock);
      point.status = wrong ? CellStatus::invalid : CellStatus::measured;
      point.reason = wrong.value_or("");
    }
    return Done{};
  }

  // Whatever happens, the probes are gone when this returns.
  Status measure_armed() {
    auto setting = set_optimization(shared_.jump ? Optimization::on : Optimization::off);
    if (!setting) return setting.error();
    auto addresses = field_.sites(operation_of(shared_).layout, shared_.probes);
    if (!addresses) return addresses.error();
    auto set = ProbeSet::define(*context_.control, {.addresses = std::move(*addresses)});
    if (!set) return set.error();
    if (auto status = set->arm(); !status) return status;
    if (auto status = set->wait_until_settled(); !status) return status;
    if (auto status = look(*set); !status) return status;
    for (auto& point : points_) {
      if (auto status = measure_hits(point, *set); !status) return status;
    }
    if (auto status = set->disarm(); !status) return status;
    return set->clear();
  }

  // All sites are of one instruction, so one tells the state, and the first bytes that all have it.
  Status look(const ProbeSet& set) {
    const auto totals = set.totals();
    if (!totals) return totals.error();
    const auto probes = set.probes();
    if (!probes) return probes.error();
    const auto evidence = set.look(0, probes->front());
    if (!evidence) return evidence.error();
    if (shared_.jump && !evidence->prepared) {
      return Error{Fault::unsupported, "this kernel does not prepare the sites for optimization", 0,
                   "active return thunks (mitigations) forbid it before Linux 6.2"};
    }
    for (auto& point : points_) point.state = classify(*evidence);
    const auto alike = shared_.jump ? totals->jumps : totals->patched - totals->jumps;
    if (alike == shared_.probes) return Done{};
    const auto* what = shared_.jump ? "jumps" : "breakpoints";
    return Error{Fault::cell, fmt::format("{} of {} sites are {}", alike, shared_.probes, what), 0, {}};
  }

  Status measure_hits(SurfacePoint& point, ProbeSet& set) const {
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

  Status count_hits(SurfacePoint& point, ProbeSet& set) const {
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
  Field field_;
  std::vector<SurfacePoint> points_;
};

}  // namespace

std::vector<SurfacePoint> measure_surface(std::span<const SurfaceSetting> settings,
                                          const ExperimentContext& context) {
  if (context.control != nullptr) return SurfaceRun(settings, context).measure();
  std::vector<SurfacePoint> points;
  for (const auto& setting : settings) {
    points.push_back({.setting = setting});
    points.back().status = CellStatus::skipped;
    points.back().reason = context.offer.why_not(Capability::helper_module).message();
  }
  return points;
}

}  // namespace probebench
