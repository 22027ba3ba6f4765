// SPDX-License-Identifier: MIT
// What `reproduce` asks of a target beside its cells.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/handler.h"
#include "model/predict_plan.h"
#include "model/workload_plan.h"

namespace probebench::inline model {

// The parts that --part takes.
enum class ExperimentPart { per_hit, surface, workloads };

struct ExperimentPartInfo {
  ExperimentPart id;
  std::string_view name;
  std::string_view summary;
};

inline constexpr std::array kExperimentParts{
    ExperimentPartInfo{ExperimentPart::per_hit, "per-hit",
                       "what one hit costs, and the ratios of the claims"},
    ExperimentPartInfo{ExperimentPart::surface, "surface",
                       "handler, work, hits and number of probes varied; arming and disarming"},
    ExperimentPartInfo{ExperimentPart::workloads, "workloads", "whole operations, predicted and measured"},
};

// Where the armed probes of a surface point sit.
enum class SurfaceLayout {
  one,        // one probe, and each hit is its own
  functions,  // many functions, one probe in each; the hits go round all of them
  path,       // many probes in one function: a call of it hits each of them
};

struct SurfaceLayoutInfo {
  SurfaceLayout id;
  std::string_view name;
};

inline constexpr std::array kSurfaceLayouts{
    SurfaceLayoutInfo{SurfaceLayout::one, "one"},
    SurfaceLayoutInfo{SurfaceLayout::functions, "functions"},
    SurfaceLayoutInfo{SurfaceLayout::path, "path"},
};

constexpr std::string_view name_of(SurfaceLayout layout) {
  return kSurfaceLayouts[static_cast<std::size_t>(layout)].name;
}

// One point of overhead = hits x (mechanism + handler), as it is asked for.
struct SurfaceSetting {
  bool jump = false;  // the optimization switch: jump, or int3
  HandlerChoice handler;
  std::uint32_t work = 0;  // instructions of an operation that have nothing to do with probes
  std::uint32_t hits_per_op = 1;
  std::uint32_t probes = 1;  // armed
  SurfaceLayout layout = SurfaceLayout::one;

  // For people: "jump, 100 probes (functions)", and the whole setting.
  std::string probes_name() const;
  std::string name() const;
  bool operator==(const SurfaceSetting&) const = default;
};

// Neighbours that can be measured with the same armed probes.
std::vector<std::span<const SurfaceSetting>> surface_groups(std::span<const SurfaceSetting> settings);

struct ExperimentPlan {
  std::vector<SurfaceSetting> surface;  // and what registering, arming, ... of its probes costs
  bool kretprobe_misses = false;
  WorkloadPlan workloads;
  PredictPlan predict;  // of `predict`

  // As many ExperimentSteps as will be told, for the progress.
  std::size_t steps() const;
  bool operator==(const ExperimentPlan&) const = default;
};

}  // namespace probebench::inline model
