// SPDX-License-Identifier: MIT
#include "plan/experiments.h"

#include <array>

namespace probebench::plan {
namespace {

// The types that the claims are about, and the handlers that workloads are probed with.
constexpr const char* kReproducedTypes =
    "kprobe-stepped,kprobe-boosted,kprobe-emulated,kprobe-post,kprobe-unoptimized,kprobe-optimized,kprobe-"
    "ftrace,kretprobe,ftrace,"
    "fprobe,tracepoint,bpf-kprobe,fentry,fexit";
constexpr const char* kReproducedHandlers = "nop,count,checklist";

constexpr std::array kDelaysNs{0U, 200U, 1000U, 5000U};
constexpr std::array kDelaysOfNumbersNs{0U, 1000U};
constexpr std::array kWorks{0U, 1000U, 10000U};
constexpr std::uint32_t kRareWork = 100000;  // with a list check: an intrusion detector's corner
constexpr std::array kHitsPerOp{1U, 4U, 16U};
constexpr std::array kProbes{1U, 10U, 100U, 1000U};
constexpr std::array kProbesOnPath{1U, 10U, 100U};

HandlerChoice handler_of(std::uint32_t delay_ns) {
  return delay_ns == 0 ? HandlerChoice{Handler::nop} : HandlerChoice{Handler::delay, delay_ns};
}

// Handler cost x work x hits with one probe.
void add_costs(std::vector<SurfaceSetting>& points, bool jump) {
  for (const auto delay : kDelaysNs) {
    for (const auto work : kWorks) {
      for (const auto hits : kHitsPerOp) {
        points.push_back({.jump = jump, .handler = handler_of(delay), .work = work, .hits_per_op = hits});
      }
    }
  }
  points.push_back({.jump = jump, .handler = {Handler::checklist}, .work = kRareWork});
}

void add_layout(std::vector<SurfaceSetting>& points, SurfaceSetting setting) {
  for (const auto delay : kDelaysOfNumbersNs) {
    setting.handler = handler_of(delay);
    points.push_back(setting);
  }
}

// The number of armed probes: on many functions of which an operation passes one, and on one path.
void add_numbers(std::vector<SurfaceSetting>& points, bool jump) {
  for (const auto probes : kProbes) {
    add_layout(points, {.jump = jump, .handler = {}, .probes = probes, .layout = SurfaceLayout::functions});
  }
  for (const auto probes : kProbesOnPath) {
    add_layout(points, {.jump = jump,
                        .handler = {},
                        .hits_per_op = probes,
                        .probes = probes,
                        .layout = SurfaceLayout::path});
  }
}

}  // namespace

void choose_experiments(const std::set<ExperimentPart>& parts, std::vector<std::string> command,
                        PlanOptions& options) {
  options.probe_types = kReproducedTypes;
  options.handlers = kReproducedHandlers;
  options.driver = DriverId::module;  // one loop for all of them
  if (parts.contains(ExperimentPart::surface)) {
    for (const bool jump : {false, true}) {
      add_costs(options.experiment.surface, jump);
      add_numbers(options.experiment.surface, jump);
    }
    options.experiment.kretprobe_misses = true;
  }
  options.experiment.workloads.command = std::move(command);
}

}  // namespace probebench::plan
