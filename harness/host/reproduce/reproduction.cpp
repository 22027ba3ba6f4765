// SPDX-License-Identifier: MIT
#include "reproduce/reproduction.h"

#include <fmt/format.h>

#include <algorithm>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

// What both mechanisms do to the same operation.
struct Corner {
  const SurfacePoint* int3 = nullptr;
  const SurfacePoint* jump = nullptr;

  bool complete() const { return int3 != nullptr && jump != nullptr; }
};

double slowdown_of(const SurfacePoint& point) {
  return point.armed_per_op / point.base_per_op;
}

double percent_of(const SurfacePoint& point) {
  return (slowdown_of(point) - 1) * 100;
}

// Larger is nearer to the corner where probes are all that is done.
double share_of_probes(const SurfacePoint& point) {
  return point.setting.hits_per_op / (point.setting.work + 1.0);
}

// Surface points with one probe, by handler; of several, the one whose probes have the smallest (`rarest`) or
// the largest share of the operation.
const SurfacePoint* find_point(const std::vector<SurfacePoint>& surface, bool jump, Handler handler,
                               bool rarest) {
  const SurfacePoint* found = nullptr;
  for (const auto& point : surface) {
    const bool fits = point.status == CellStatus::measured && point.setting.jump == jump &&
                      point.setting.layout == SurfaceLayout::one && point.setting.handler.id == handler;
    if (!fits) continue;
    const bool busier = found != nullptr && share_of_probes(point) > share_of_probes(*found);
    if (found == nullptr || busier != rarest) found = &point;
  }
  return found;
}

Corner find_corner(const std::vector<SurfacePoint>& surface, Handler handler, bool rarest) {
  return {find_point(surface, false, handler, rarest), find_point(surface, true, handler, rarest)};
}

std::string denominators(const PerHitRow& jump) {
  std::string text;
  if (jump.ratio_to_stepped) text = fmt::format("{:.1f}x stepped", *jump.ratio_to_stepped);
  if (!jump.ratio_to_boosted) return text;
  if (!text.empty()) text += " or ";
  return text + fmt::format("{:.1f}x boosted", *jump.ratio_to_boosted);
}

const ModelledTime* find_time(const std::vector<ModelledTime>& modelled, ProbeType type) {
  const auto found = std::ranges::find(modelled, type, &ModelledTime::probe_type);
  return found == modelled.end() ? nullptr : &*found;
}

// How many times dearer int3 is in modelled time, on the site of the jump.
std::string modelled_ratio(const std::vector<ModelledTime>& modelled) {
  const auto* int3 = find_time(modelled, ProbeType::kprobe_unoptimized);
  const auto* jump = find_time(modelled, ProbeType::kprobe_optimized);
  if (int3 == nullptr || jump == nullptr) return {};
  return fmt::format(", modelled {:.0f}x in time", int3->ns.value / jump->ns.value);
}

std::string corners_text(const std::vector<SurfacePoint>& surface) {
  const auto busy = find_corner(surface, Handler::nop, false);
  const auto rare = find_corner(surface, Handler::checklist, true);
  if (!busy.complete() || !rare.complete()) return {};
  return fmt::format(
      "; a loop of empty hits runs {:.1f}x slower with int3 and {:.1f}x with the jump (Hiramatsu's corner), "
      "one hit with a list check per {} instructions of work costs {:.1f} % and {:.1f} % (Reeves' corner)",
      slowdown_of(*busy.int3), slowdown_of(*busy.jump), rare.int3->setting.work, percent_of(*rare.int3),
      percent_of(*rare.jump));
}

// The suite with an intrusion detector's probes, as Reeves had (suites).
constexpr std::string_view kDetector = "intrusion";

std::vector<double> detector_percents(const std::vector<PredictedWorkload>& workloads,
                                      SuiteMechanism mechanism) {
  std::vector<double> percents;
  for (const auto& workload : workloads) {
    if (workload.told.suite != kDetector) continue;
    for (const auto& row : workload.rows) {
      if (row.told.mechanism == mechanism && row.slowdown) percents.push_back((*row.slowdown - 1) * 100);
    }
  }
  return percents;
}

std::string workloads_clause(const std::vector<PredictedWorkload>& workloads) {
  const auto int3 = detector_percents(workloads, SuiteMechanism::unoptimized);
  const auto jump = detector_percents(workloads, SuiteMechanism::optimized);
  if (int3.empty() || jump.empty()) return {};
  return fmt::format(
      "; {} workloads under an intrusion detector's probes slow down by {:.1f} % and {:.1f} % in the median",
      int3.size(), stats::median(int3), stats::median(jump));
}

}  // namespace

std::string verdict_of(const PerHit& per_hit, const std::vector<ModelledTime>& modelled,
                       const std::vector<SurfacePoint>& surface,
                       const std::vector<PredictedWorkload>& workloads) {
  const auto* jump = find_row(per_hit, ProbeType::kprobe_optimized, {Handler::nop});
  if (jump == nullptr) {
    const bool no_jump = !per_hit.rows.empty() && !per_hit.note.empty();
    return no_jump ? "Reeves is right here, trivially: " + per_hit.note + "." : "";
  }
  return fmt::format("Both are right: against a jump a hit by int3 is {} here{}{}{}.", denominators(*jump),
                     modelled_ratio(modelled), corners_text(surface), workloads_clause(workloads));
}

Reproduction reproduction_of(const TargetRecord& target, const std::vector<CellRecord>& cells,
                             Experiments told) {
  Reproduction made;
  made.target = target;
  made.per_hit = per_hit_of(cells);
  if (made.exact()) made.modelled = modelled_times(made.per_hit);
  made.told = std::move(told);
  for (const auto& workload : made.told.workloads) {
    made.predictions.push_back(predict_workload(workload, made.per_hit));
  }
  made.fits = fit_surface(made.told.surface);
  made.verdict = verdict_of(made.per_hit, made.modelled, made.told.surface, made.predictions);
  return made;
}

}  // namespace probebench::reproduce
