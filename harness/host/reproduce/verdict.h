// SPDX-License-Identifier: MIT
// Who is right, by what one target showed: decided from figures, and put into words. Whatever was not
// measured is not said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/run_record.h"
#include "reproduce/per_hit.h"
#include "reproduce/prediction.h"
#include "reproduce/pruning.h"
#include "reproduce/time_model.h"

namespace probebench::reproduce {

// Hiramatsu's question: does a jump cost at most half of what int3 does, by hit? Reeves': with a jump, must
// sites still be left out for every workload to be below the line?
enum class Decision { hiramatsu, reeves, both, neither, no_jump, undecided };

std::string_view name_of(Decision decision);

// On the same site, with a handler that does nothing.
struct HitFindings {
  double int3 = 0;  // in the clock's unit
  double jump = 0;
  ProbeState int3_state = ProbeState::unknown;
  std::optional<Interval> ratio_in_time = {};  // modelled; absent: time was measured, or nothing models it

  double ratio() const { return int3 / jump; }
};

// The workloads of a suite that were measured both ways.
struct WorkloadFindings {
  std::string suite;
  double line_percent = 0;
  std::size_t workloads = 0;
  std::size_t above_int3 = 0;  // at the line or above it
  std::size_t above_jump = 0;
  double median_int3_percent = 0;
  double median_jump_percent = 0;
};

// Of a suite that was pruned both ways, until every workload was measured below the line.
struct PruningFindings {
  std::string suite;
  double line_percent = 0;
  std::uint32_t sites = 0;
  std::size_t left_out_int3 = 0;
  std::size_t left_out_jump = 0;
};

struct Findings {
  std::string kernel = {};
  std::string cpu_model = {};
  std::string unit = {};  // of what a hit costs
  std::string no_jump =
      {};  // why this kernel, which was measured, makes none; empty: it does, or is not known
  std::optional<HitFindings> hit = {};
  std::optional<WorkloadFindings> workloads = {};
  std::optional<PruningFindings> pruning = {};
};

struct Verdict {
  Decision decision = Decision::undecided;
  std::string text;  // empty: there is nothing to say
};

// What is slow enough to matter, where no pruning says so: Reeves' 5 %.
inline constexpr double kLinePercent = 5;

Findings findings_of(const TargetInfo& target, const PerHit& per_hit, const std::optional<TimeCurve>& curve,
                     const std::vector<PredictedWorkload>& workloads, const std::vector<Pruning>& prunings);

// Absent: it cannot be told from these.
std::optional<bool> jump_halves(const Findings& findings);
std::optional<bool> jump_needs_pruning(const Findings& findings);

Verdict verdict_of(const Findings& findings);

}  // namespace probebench::reproduce
