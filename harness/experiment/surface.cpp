// SPDX-License-Identifier: MIT
#include "experiment/surface.h"

#include <fmt/format.h>

#include <utility>

#include "experiment/median_time.h"
#include "probe/field.h"
#include "probe/probe_set.h"
#include "probe/setting.h"
#include "verify/classify.h"

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

// One point, from the baseline to the baseline. The set disarms itself when a step fails.
class SurfaceRun {
 public:
  SurfaceRun(const SurfaceSetting& setting, const ExperimentContext& context)
      : context_(context), field_(*context.control), operation_(operation_of(setting)) {
    point_.setting = setting;
    point_.ops = ops_of(setting);
  }

  SurfacePoint measure() {
    const auto status = run();
    if (!status) {
      const bool skipped = status.error().fault == Fault::unsupported;
      point_.status = skipped ? CellStatus::skipped : CellStatus::errored;
      point_.reason = status.error().message();
    }
    return point_;
  }

 private:
  Status run() {
    auto base = time_ops();
    if (!base) return base.error();
    point_.base_per_op = *base;
    if (auto status = measure_armed(); !status) return status;
    base = time_ops();
    if (!base) return base.error();
    judge(*base);
    return Done{};
  }

  // Whatever happens, the probes are gone when this returns.
  Status measure_armed() {
    auto setting = set_optimization(point_.setting.jump ? Optimization::on : Optimization::off);
    if (!setting) return setting.error();
    const auto layout = operation_.layout;
    auto addresses = field_.sites(layout, point_.setting.probes);
    if (!addresses) return addresses.error();
    auto set = ProbeSet::define(*context_.control,
                                {.handler = {point_.setting.handler}, .addresses = std::move(*addresses)});
    if (!set) return set.error();
    if (auto status = set->arm(); !status) return status;
    if (auto status = set->wait_until_settled(); !status) return status;
    if (auto status = look(*set); !status) return status;
    if (auto status = measure_hits(*set); !status) return status;
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
    if (point_.setting.jump && !evidence->prepared) {
      return Error{Fault::unsupported, "this kernel does not prepare the sites for optimization", 0,
                   "active return thunks (mitigations) forbid it before Linux 6.2"};
    }
    point_.state = classify(*evidence);
    const auto wanted = point_.setting.jump ? totals->jumps : totals->patched - totals->jumps;
    if (wanted == point_.setting.probes) return Done{};
    return Error{Fault::cell,
                 fmt::format("{} of {} sites are a {}", wanted, point_.setting.probes,
                             point_.setting.jump ? "jump" : "breakpoint"),
                 0,
                 {}};
  }

  Status measure_hits(ProbeSet& set) {
    const auto cost = field_.handler_cost(*context_.control, point_.setting.handler);
    if (!cost) return cost.error();
    point_.handler_cost = *cost;
    const auto armed = time_ops();
    if (!armed) return armed.error();
    point_.armed_per_op = *armed;
    if (auto status = set.use_handler({{Handler::count}}); !status) return status;
    const auto counted = field_.run(operation_, point_.ops);
    if (!counted) return counted.error();
    const auto totals = set.totals();
    if (!totals) return totals.error();
    point_.hits = {point_.ops * point_.setting.hits_per_op, counted->hits, totals->missed};
    if (counted->hits_elsewhere == 0) return Done{};
    return Error{Fault::cell, fmt::format("{} hits on another CPU", counted->hits_elsewhere), 0, {}};
  }

  // Text that was just patched makes the first hits dearer: they are not timed.
  Result<double> time_ops() const {
    return median_time(context_.clock, [this]() -> Result<double> {
      const auto time = field_.run(operation_, point_.ops);
      if (!time) return time.error();
      return time->ticks_per_op();
    });
  }

  void judge(double base_after) {
    point_.status = CellStatus::invalid;
    const bool exact = context_.clock == ClockKind::instructions;
    if (!point_.hits.equal()) {
      point_.reason = fmt::format("{} hits of {} were counted, {} missed", point_.hits.counted,
                                  point_.hits.expected, point_.hits.missed);
    } else if (exact && base_after != point_.base_per_op) {
      point_.reason = fmt::format("an operation with nothing armed cost {:.1f} before and {:.1f} after",
                                  point_.base_per_op, base_after);
    } else {
      point_.status = CellStatus::measured;
    }
  }

  const ExperimentContext& context_;
  Field field_;
  FieldOperation operation_;
  SurfacePoint point_;
};

}  // namespace

SurfacePoint measure_surface_point(const SurfaceSetting& setting, const ExperimentContext& context) {
  if (context.control != nullptr) return SurfaceRun(setting, context).measure();
  SurfacePoint point{.setting = setting};
  point.status = CellStatus::skipped;
  point.reason = context.offer.why_not(Capability::helper_module).message();
  return point;
}

}  // namespace probebench
