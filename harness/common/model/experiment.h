// SPDX-License-Identifier: MIT
// What a target tells of the experiments of `reproduce`. As with samples, only what was observed is here;
// slowdowns, fits and predictions are the host's arithmetic (harness/reproduce).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/experiment_plan.h"
#include "model/hit_count.h"
#include "model/predict.h"
#include "model/probe_state.h"
#include "model/sample.h"
#include "model/workload.h"

namespace probebench::inline model {

// What of an experiment comes next.
struct ExperimentStep {
  std::string name;

  bool operator==(const ExperimentStep&) const = default;
};

struct SurfacePoint {
  SurfaceSetting setting;
  ProbeState state = ProbeState::unknown;  // of every armed site
  std::uint64_t ops = 0;                   // operations timed
  double handler_cost = 0;                 // one call of the handler by itself, in the clock's unit
  double base_per_op = 0;                  // nothing armed
  double armed_per_op = 0;
  HitCount hits = {};  // of the operations of the armed windows, made again with the counting handler
  CellStatus status = CellStatus::errored;
  std::string reason = {};  // empty when measured

  bool operator==(const SurfacePoint&) const = default;
};

// One step in the life of probes: register, arm, optimize, disarm, unregister, memory, ...
struct ControlStep {
  std::string probe_type;
  std::uint32_t probes = 0;
  std::string step;
  double value = 0;  // of all these probes together
  std::string unit;  // "clock": the target's clock unit; else "bytes", "hits", "ms"
  CellStatus status = CellStatus::measured;
  std::string note = {};  // why there is no value, or what it includes

  bool operator==(const ControlStep&) const = default;
};

// A probed function that is active `concurrent` times at once, and a return probe with so many instances.
struct KretprobeMisses {
  std::uint32_t maxactive = 0;
  std::uint32_t concurrent = 0;
  std::uint64_t calls = 0;
  std::uint64_t hits = 0;
  std::uint64_t missed = 0;
  CellStatus status = CellStatus::measured;
  std::string reason = {};

  bool operator==(const KretprobeMisses&) const = default;
};

using ExperimentRecord =
    std::variant<ExperimentStep, SurfacePoint, ControlStep, KretprobeMisses, Workload, Suite, PredictCounts>;

// All that one target told.
struct Experiments {
  std::vector<SurfacePoint> surface;
  std::vector<ControlStep> control_plane;
  std::vector<KretprobeMisses> kretprobe_misses;
  std::vector<Workload> workloads;
  std::vector<Suite> suites;
  std::vector<PredictCounts> predictions;

  bool operator==(const Experiments&) const = default;
};

}  // namespace probebench::inline model
