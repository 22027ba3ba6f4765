// SPDX-License-Identifier: MIT
// What a target tells of experiments.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/cost.h"
#include "model/plan.h"
#include "model/probe_state.h"
#include "model/sample.h"

namespace probebench::inline model {

// What a target tells of the places that a command passes.

struct SiteCount {
  PredictSite site;
  std::string counted_by;                // "ftrace", "kprobe", "perf event"
  std::vector<std::uint64_t> hits = {};  // of each run
  CellStatus status = CellStatus::errored;
  std::string reason = {};  // empty when measured

  bool operator==(const SiteCount&) const = default;
};

// Of a probe that the user brings: one of its programs or events, armed while the command ran.
struct OwnCount {
  std::string probe;
  std::string counted_by;
  std::vector<std::uint64_t> hits = {};  // of each run
  std::uint64_t missed = 0;              // of all runs

  bool operator==(const OwnCount&) const = default;
};

struct PredictCounts {
  std::vector<SiteCount> sites;
  std::vector<OwnCount> own = {};
  std::int32_t process = 0;  // the plan's
  // What each run of the command took with nothing armed, or each window of the process, in the clock's unit.
  std::vector<double> base = {};
  std::uint32_t outlived = 0;  // the most processes of the command that still ran when a run of it was over
  CellStatus status = CellStatus::errored;
  std::string reason = {};

  bool operator==(const PredictCounts&) const = default;
};

// What a target tells of its workloads.

// Hits of one operation at the sites that were observed in one state.
struct StateHits {
  ProbeState state = ProbeState::unknown;
  bool prepared = false;  // the kernel keeps a detour ready: its aggregate's loop over handlers runs
  std::uint32_t sites = 0;
  double hits_per_op = 0;

  bool operator==(const StateHits&) const = default;
};

// Hits of one operation at one site.
struct SiteHits {
  std::string function;
  ProbeState state = ProbeState::unknown;
  bool prepared = false;  // as in StateHits
  double hits_per_op = 0;

  bool operator==(const SiteHits&) const = default;
};

// A workload under one mechanism.
struct WorkloadRow {
  SuiteMechanism mechanism = SuiteMechanism::unoptimized;
  std::uint32_t pruned = 0;               // the how-many-th set with sites left out; 0: none is
  std::uint32_t sites = 0;                // armed
  std::vector<double> base_per_op = {};   // just before arming, one for each round
  std::vector<double> armed_per_op = {};  // one for each round
  HitCount hits = {};  // of one window, counted twice: by each probe, and by the counting handler
  std::vector<StateHits> states = {};
  std::vector<SiteHits> by_site = {};  // of those that are hit; empty: the mechanism counts them together
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

// Sites left out of a group of a suite, until each of its workloads was below a line. What was measured then
// is in the workloads' own rows.
struct PrunedSuite {
  std::string suite = {};
  SuiteMechanism mechanism = SuiteMechanism::unoptimized;
  double line_percent = 0;
  std::vector<WorkloadId> workloads = {};
  std::vector<std::string> left_out = {};  // of the last set, by what leaving them out saves
  std::uint32_t sets = 0;                  // with sites left out that were armed and measured
  CellStatus status = CellStatus::errored;
  std::string note = {};  // why it was not measured, or ended above the line

  bool operator==(const PrunedSuite&) const = default;
};

// What a target tells of the experiments of `reproduce`. As with samples, only what was observed is here;
// slowdowns, fits and predictions are the host's arithmetic (harness/reproduce).

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

// A trap that a process makes itself take, without any probe, and that the kernel hands to it as SIGTRAP.
enum class TrapKind { int3, trap_flag, signal };

struct TrapKindInfo {
  TrapKind id;
  std::string_view name;  // in JSON and tables
  std::string_view summary;
  std::int32_t signal_code;  // si_code, which says how the signal came about
};

inline constexpr auto kTrapKinds = std::to_array<TrapKindInfo>({
    {TrapKind::int3, "int3", "an int3 of the process's own", 0x80},                // SI_KERNEL
    {TrapKind::trap_flag, "trap-flag", "one instruction under the trap flag", 2},  // TRAP_TRACE
    {TrapKind::signal, "signal", "the same signal, sent by a system call", -6},    // SI_TKILL
});

constexpr const TrapKindInfo& info_of(TrapKind id) {
  return kTrapKinds[static_cast<std::size_t>(id)];
}

struct TrapCost {
  TrapKind kind = TrapKind::int3;
  std::vector<double> per_trap = {};  // beyond the same call without it, one for each round
  HitCount hits = {};                 // traps made, and signals of this kind that the handler counted
  Bytes text = {};                    // what is executed, as the process has it
  CellStatus status = CellStatus::errored;
  std::string reason = {};  // empty when measured

  bool operator==(const TrapCost&) const = default;
};

using ExperimentRecord = std::variant<ExperimentStep, SurfacePoint, ControlStep, KretprobeMisses, Workload,
                                      Suite, PrunedSuite, PredictCounts, ProbeCost, TrapCost>;

// All that one target told.
struct Experiments {
  std::vector<SurfacePoint> surface;
  std::vector<ControlStep> control_plane;
  std::vector<KretprobeMisses> kretprobe_misses;
  std::vector<Workload> workloads;
  std::vector<Suite> suites;
  std::vector<PrunedSuite> pruned;
  std::vector<PredictCounts> predictions;
  std::vector<ProbeCost> costs;
  std::vector<TrapCost> traps;

  bool operator==(const Experiments&) const = default;
};

}  // namespace probebench::inline model
