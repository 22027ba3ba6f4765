// SPDX-License-Identifier: MIT
// What `predict` asks of a target: how often a command passes some places.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/probe_type.h"

namespace probebench::inline model {

// "TYPE:PLACE" of --probe. The place is a kernel function with or without an offset ("vfs_read",
// "vfs_read+0x12"), a trace event ("sched:sched_switch"), or an offset in a file ("/bin/ls+0x4000").
struct PredictSite {
  ProbeType probe_type = ProbeType::kprobe_optimized;
  std::string place;

  bool operator==(const PredictSite&) const = default;
};

// The kinds of place, by the probe type.
enum class PlaceKind { function, event, file };
PlaceKind place_kind(ProbeType probe_type);
// Whether the type, on a function without an offset, goes behind the entry.
bool goes_past_entry(ProbeType probe_type);

struct PredictPlan {
  std::vector<PredictSite> sites;    // empty: nothing is to be predicted
  std::vector<std::string> command;  // as the target finds it
  std::uint32_t timeout_s = 60;      // for each run of it
  std::uint32_t runs = 3;

  // As many ExperimentSteps as will be told: each run with nothing armed, and each that is counted.
  std::size_t steps() const { return sites.empty() ? 0 : 2 * std::size_t{runs}; }
  bool operator==(const PredictPlan&) const = default;
};

}  // namespace probebench::inline model
