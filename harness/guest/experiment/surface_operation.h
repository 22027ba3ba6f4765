// SPDX-License-Identifier: MIT
// A point of the surface as an operation of the module's field.
#pragma once

#include <algorithm>
#include <cstdint>

#include "call/field.h"
#include "model/experiment_plan.h"

namespace probebench::experiment {

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

}  // namespace probebench::experiment
