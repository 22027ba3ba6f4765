// SPDX-License-Identifier: MIT
// What a target tells of the places that a command passes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/predict_plan.h"
#include "model/sample.h"

namespace probebench::inline model {

struct SiteCount {
  PredictSite site;
  std::string counted_by;                // "ftrace", "kprobe", "perf event"
  std::vector<std::uint64_t> hits = {};  // of each run
  CellStatus status = CellStatus::errored;
  std::string reason = {};  // empty when measured

  bool operator==(const SiteCount&) const = default;
};

struct PredictCounts {
  std::vector<SiteCount> sites;
  std::vector<double> base = {};  // what each run of the command took with nothing armed, in the clock's unit
  CellStatus status = CellStatus::errored;
  std::string reason = {};

  bool operator==(const PredictCounts&) const = default;
};

}  // namespace probebench::inline model
