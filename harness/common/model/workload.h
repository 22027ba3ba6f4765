// SPDX-License-Identifier: MIT
// What a target tells of its workloads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/hit_count.h"
#include "model/probe_state.h"
#include "model/sample.h"
#include "model/workload_plan.h"

namespace probebench::inline model {

// Hits of one operation at the sites that were observed in one state.
struct StateHits {
  ProbeState state = ProbeState::unknown;
  bool prepared = false;  // the kernel keeps a detour ready: its aggregate's loop over handlers runs
  std::uint32_t sites = 0;
  double hits_per_op = 0;

  bool operator==(const StateHits&) const = default;
};

// A workload under one mechanism.
struct WorkloadRow {
  SuiteMechanism mechanism = SuiteMechanism::unoptimized;
  std::uint32_t sites = 0;                // armed
  std::vector<double> base_per_op = {};   // just before arming, one for each round
  std::vector<double> armed_per_op = {};  // one for each round
  HitCount hits = {};  // of one window, counted twice: by each probe, and by the counting handler
  std::vector<StateHits> states = {};
  CellStatus status = CellStatus::errored;
  std::string reason = {};  // empty when measured

  bool operator==(const WorkloadRow&) const = default;
};

struct Workload {
  WorkloadId id = WorkloadId::null_syscall;
  std::string suite;
  HandlerChoice handler = {};
  std::uint64_t operations = 0;         // of a window that counts
  std::vector<double> base_after = {};  // per operation, when all is over; each row has the one before it
  std::vector<WorkloadRow> rows = {};
  CellStatus status = CellStatus::errored;
  std::string reason = {};

  bool operator==(const Workload&) const = default;
};

struct Refusal {
  std::string reason;
  std::uint32_t count = 0;

  bool operator==(const Refusal&) const = default;
};

// The functions of a suite, each once.
struct Suite {
  std::string name;
  std::uint32_t functions = 0;
  std::uint32_t probed = 0;                   // past the entry
  std::uint32_t optimizable = 0;              // of these: seen as a jump
  std::vector<Refusal> refusals = {};         // why the others were not probed
  std::vector<Refusal> not_optimizable = {};  // why those probed are no jumps

  bool operator==(const Suite&) const = default;
};

}  // namespace probebench::inline model
