// SPDX-License-Identifier: MIT
// What `reproduce` and `predict` print.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/experiment.h"
#include "reproduce/prediction.h"
#include "reproduce/reproduction.h"

namespace probebench::text {

// What `reproduce` prints: one page.

std::string reproduction_text(const std::vector<reproduce::Reproduction>& targets);

// What traps cost a process. Empty where none was taken.
std::string traps_text(const reproduce::Reproduction& target);

// How many times dearer int3 is in time, by what a trap takes. Empty where there is no curve.
std::string time_text(const std::optional<reproduce::TimeCurve>& curve);

// The fits, what the number of armed probes does, and the lives of probes. Empty where nothing was measured.
std::string surface_text(const reproduce::Reproduction& target);
std::string control_plane_text(const reproduce::Reproduction& target);

// A table for each suite: the slowdown of each workload by mechanism, and how far the prediction is from it;
// then what was probed and what became of it.
std::string workloads_text(const std::vector<reproduce::PredictedWorkload>& workloads,
                           const std::vector<Suite>& suites);

// What had to be left out of a suite by mechanism, and what that came to when it was measured.
std::string pruning_text(const std::vector<reproduce::Pruning>& prunings);

// "fentry:vfs_read: why there is no figure"
std::string named_reason(const reproduce::SitePrediction& site);

std::string prediction_text(const TargetInfo& target, const reproduce::CommandPrediction& prediction);

}  // namespace probebench::text
