// SPDX-License-Identifier: MIT
#include "model/experiment_plan.h"

#include <algorithm>

namespace probebench::inline model {
namespace {

bool share_probes(const SurfaceSetting& first, const SurfaceSetting& second) {
  return first.jump == second.jump && first.layout == second.layout && first.probes == second.probes;
}

}  // namespace

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

std::size_t WorkloadPlan::steps() const {
  std::size_t steps = 0;
  for (const auto& suite : suites) steps += suite.groups.size() * (mechanisms.size() + 1);
  return steps;
}

std::size_t ExperimentPlan::steps() const {
  return surface_groups(surface).size() + (kretprobe_misses ? 1 : 0) + workloads.steps() + predict.steps();
}

}  // namespace probebench::inline model
