// SPDX-License-Identifier: MIT
#include "model/plan.h"

#include <algorithm>

#include "model/placement.h"

namespace probebench::inline model {
namespace {

bool share_probes(const SurfaceSetting& first, const SurfaceSetting& second) {
  return first.jump == second.jump && first.layout == second.layout && first.probes == second.probes;
}

}  // namespace

PlaceKind place_kind(ProbeType probe_type) {
  switch (probe_type) {
    case ProbeType::tracepoint:
    case ProbeType::bpf_tp:
    case ProbeType::raw_tp:
    case ProbeType::tp_btf:
    case ProbeType::tracefs_tracepoint:
      return PlaceKind::event;
    case ProbeType::uprobe:
    case ProbeType::uretprobe:
    case ProbeType::uprobe_multi:
    case ProbeType::usdt:
    case ProbeType::perf_uprobe:
    case ProbeType::perf_uretprobe:
    case ProbeType::tracefs_uprobe:
    case ProbeType::tracefs_uretprobe:
      return PlaceKind::file;
    default:
      return PlaceKind::function;
  }
}

bool goes_past_entry(ProbeType probe_type) {
  return std::ranges::none_of(kPlacements, [&](const Placement& placement) {
    const bool begins = placement.site == SiteId::entry || placement.site == SiteId::notrace ||
                        placement.driver != DriverId::module;
    return placement.probe_type == probe_type && begins && !placement.only;
  });
}

bool takes_offset(ProbeType probe_type) {
  const auto mechanism = info_of(probe_type).mechanism;
  const bool anywhere =
      mechanism == Mechanism::kprobe || mechanism == Mechanism::kprobe_post || mechanism == Mechanism::uprobe;
  return anywhere && !needs_ftrace(probe_type);
}

bool needs_return(ProbeType probe_type) {
  const auto mechanism = info_of(probe_type).mechanism;
  return mechanism == Mechanism::kretprobe || mechanism == Mechanism::uretprobe ||
         mechanism == Mechanism::fprobe_exit || probe_type == ProbeType::fexit ||
         probe_type == ProbeType::tracefs_function_graph;
}

bool needs_ftrace(ProbeType probe_type) {
  const auto mechanism = info_of(probe_type).mechanism;
  return mechanism == Mechanism::ftrace || mechanism == Mechanism::ftrace_regs ||
         mechanism == Mechanism::fprobe_entry || mechanism == Mechanism::fprobe_exit ||
         probe_type == ProbeType::kprobe_ftrace || probe_type == ProbeType::kretprobe_ftrace;
}

std::string SurfaceSetting::probes_name() const {
  const auto* plural = probes == 1 ? "" : "s";
  return std::string(jump ? "jump" : "int3") + ", " + std::to_string(probes) + " probe" + plural + " (" +
         std::string(name_of(layout)) + ")";
}

std::string SurfaceSetting::name() const {
  return probes_name() + ", " + name_of(handler) + ", work " + std::to_string(work) + ", " +
         std::to_string(hits_per_op) + " hits/op";
}

std::vector<std::span<const SurfaceSetting>> surface_groups(std::span<const SurfaceSetting> settings) {
  std::vector<std::span<const SurfaceSetting>> groups;
  while (!settings.empty()) {
    const auto end = std::ranges::find_if(
        settings, [&](const SurfaceSetting& one) { return !share_probes(settings.front(), one); });
    const auto size = static_cast<std::size_t>(end - settings.begin());
    groups.push_back(settings.first(size));
    settings = settings.subspan(size);
  }
  return groups;
}

std::string surface_step(const SurfaceSetting& first) {
  return "surface: " + first.probes_name();
}

std::size_t WorkloadPlan::steps() const {
  std::size_t steps = 0;
  for (const auto& suite : suites) {
    const auto pruned = static_cast<std::size_t>(
        std::ranges::count_if(mechanisms, [&](SuiteMechanism one) { return prunes(suite, one); }));
    steps += suite.groups.size() * (mechanisms.size() + pruned + 1);
  }
  return steps;
}

std::size_t ExperimentPlan::steps() const {
  return surface_groups(surface).size() + (kretprobe_misses ? 1 : 0) + (traps ? 1 : 0) + workloads.steps() +
         predict.steps() + (cost ? CostPlan::kSteps : 0);
}

}  // namespace probebench::inline model
