// SPDX-License-Identifier: MIT
// Probes on the module's field, from registering to unregistering, and what each step of that cost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "attach/probe_set.h"
#include "call/field.h"
#include "experiment/experiments.h"
#include "kernel/put_back.h"
#include "model/plan.h"

namespace probebench::experiment {

// A point of the surface as an operation of the module's field.

inline call::FieldOperation operation_of(const SurfaceSetting& setting) {
  if (setting.layout == SurfaceLayout::path) return {call::FieldLayout::path, setting.work, 1, 1};
  return {call::FieldLayout::functions, setting.work, setting.hits_per_op, setting.probes};
}

// Enough of them to pass each armed probe as often as every other.
inline std::uint64_t ops_of(const SurfaceSetting& setting) {
  constexpr std::uint64_t kFewestOps = 8;
  return setting.layout == SurfaceLayout::functions ? std::max<std::uint64_t>(kFewestOps, setting.probes)
                                                    : kFewestOps;
}

class ProbeLife {
 public:
  // Registers, arms, and waits until all are what the setting says. A kernel that does not optimize the sites
  // is an unsupported error. Whatever happens, the probes are gone when the object is.
  static Result<ProbeLife> begin(const SurfaceSetting& setting, const ExperimentContext& context);

  attach::ProbeSet& set() { return set_; }
  // What the sites were seen to be: all of one instruction, so the first tells the state, and the first bytes
  // that all have it.
  ProbeState state() const { return state_; }
  // Disarms and unregisters.
  Result<std::vector<ControlStep>> end();

 private:
  ProbeLife(const SurfaceSetting& setting, const ExperimentContext& context,
            kernel::ScopedSetting optimization, attach::ProbeSet set)
      : setting_(setting), context_(context), optimization_(std::move(optimization)), set_(std::move(set)) {}

  Status arm();
  Status look();
  Status wait_for_jumps();
  void add(std::string_view step, double value, std::string_view unit, std::string_view note = {});
  void add_memory(std::uint64_t free_armed);

  SurfaceSetting setting_;
  const ExperimentContext& context_;
  kernel::ScopedSetting optimization_;
  attach::ProbeSet set_;
  ProbeState state_ = ProbeState::unknown;
  std::vector<ControlStep> steps_;
};

}  // namespace probebench::experiment
