// SPDX-License-Identifier: MIT
// What a target is asked: cells, and the experiments of `reproduce` and `predict` after them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/cell.h"
#include "model/cost.h"
#include "model/environment.h"
#include "model/handler.h"
#include "model/probe_type.h"
#include "model/workload.h"

namespace probebench::inline model {

// What `predict` asks of a target: how often a command passes some places.

// An instruction in a file.
struct FilePoint {
  std::uint64_t offset = 0;
  std::uint64_t semaphore = 0;  // in the file: what has to count up for a USDT marker to be passed; 0: none

  bool operator==(const FilePoint&) const = default;
};

// What --probe asks for (plan/probe_language.h), in the parts that a target needs.
struct PredictSite {
  ProbeType probe_type = ProbeType::kprobe_optimized;
  std::string place;                         // as it was spelled
  std::string module = {};                   // of a function; empty: it is not said
  std::string name = {};                     // function, "group:event", or the file as the target finds it
  std::optional<std::uint64_t> offset = {};  // from the function on
  std::vector<FilePoint> points = {};        // of a file; a USDT marker may have several

  bool operator==(const PredictSite&) const = default;
};

// The kinds of place, by the probe type.
enum class PlaceKind { function, event, file };
PlaceKind place_kind(ProbeType probe_type);
// Whether the type, on a function without an offset, goes behind the entry.
bool goes_past_entry(ProbeType probe_type);
// Whether it may be anywhere in a function, not at the entry alone.
bool takes_offset(ProbeType probe_type);
// Whether its hit is the return, or both the entry and the return.
bool needs_return(ProbeType probe_type);
// Whether it is attached to the call that a compiler left for ftrace at a function's entry.
bool needs_ftrace(ProbeType probe_type);

struct PredictPlan {
  std::vector<PredictSite> sites;
  bool own_probe = false;            // the probe of ExperimentPlan::cost, armed while the command runs
  std::vector<std::string> command;  // as the target finds it; empty: a process that runs already
  std::int32_t process = 0;          // that one
  std::uint32_t window_ms = 1000;    // of it, as often as there are runs
  std::uint32_t timeout_s = 60;      // for each run of the command
  std::uint32_t runs = 3;

  // Whether anything is to be predicted.
  bool asked() const { return !sites.empty() || own_probe; }
  // As many ExperimentSteps as will be told: each run with nothing armed, and each that is counted.
  std::size_t steps() const { return asked() ? (process == 0 ? 2 : 1) * std::size_t{runs} : 0; }
  bool operator==(const PredictPlan&) const = default;
};

// Whole operations that run while many functions are probed, with which probes.

// How the functions of a suite are probed: past the entry by kprobes, at the entry by the others.
enum class SuiteMechanism { stepped, unoptimized, optimized, ftrace, fentry };

struct SuiteMechanismInfo {
  SuiteMechanism id;
  std::string_view name;  // in JSON and tables
  std::string_view summary;
  bool past_entry;
};

inline constexpr auto kSuiteMechanisms = std::to_array<SuiteMechanismInfo>({
    {SuiteMechanism::stepped, "kprobe-post", "int3 with a post_handler: never boosted nor optimized", true},
    {SuiteMechanism::unoptimized, "kprobe-unoptimized", "int3: the optimization is off", true},
    {SuiteMechanism::optimized, "kprobe-optimized", "a jump where the kernel can make one", true},
    {SuiteMechanism::ftrace, "ftrace", "one ftrace_ops for all functions", false},
    {SuiteMechanism::fentry, "fentry", "a BPF trampoline for each function", false},
});

constexpr const SuiteMechanismInfo& info_of(SuiteMechanism id) {
  return kSuiteMechanisms[static_cast<std::size_t>(id)];
}

// The functions that are probed together while each of some workloads runs.
struct SuiteGroup {
  std::vector<WorkloadId> workloads;
  std::vector<std::string> functions;

  bool operator==(const SuiteGroup&) const = default;
};

// What a file of suites asks for.
struct SuitePlan {
  std::string name;
  std::string summary = {};
  HandlerChoice handler = {Handler::count};
  bool prune = false;  // for sites to be left out of it, where the plan has a line
  std::vector<SuiteGroup> groups = {};

  bool operator==(const SuitePlan&) const = default;
};

struct WorkloadPlan {
  std::vector<SuitePlan> suites;
  std::vector<SuiteMechanism> mechanisms;
  std::uint32_t rounds = 2;
  // Sites are left out of suites that say so until no workload is that much slower; 0: none are.
  double line_percent = 0;
  std::vector<std::string> command;  // WorkloadId::command, as the target finds it; empty: none
  std::uint32_t command_timeout_s = 60;

  double line() const { return line_percent / 100; }  // as a share
  bool prunes(const SuitePlan& suite, SuiteMechanism mechanism) const {
    return line_percent > 0 && suite.prune && info_of(mechanism).past_entry;
  }
  // As many ExperimentSteps as will be told: for each group its mechanisms, one pruned set of each that is
  // pruned (a second is one step more), and the last baseline.
  std::size_t steps() const;
  bool operator==(const WorkloadPlan&) const = default;
};

// What `reproduce` asks of a target beside its cells.

// The parts that --part takes.
enum class ExperimentPart { per_hit, surface, workloads, pruning, traps };

struct ExperimentPartInfo {
  ExperimentPart id;
  std::string_view name;
  std::string_view summary;
};

inline constexpr auto kExperimentParts = std::to_array<ExperimentPartInfo>({
    {ExperimentPart::per_hit, "per-hit", "what one hit costs, and the ratios of the claims"},
    {ExperimentPart::surface, "surface",
     "handler, work, hits and number of probes varied; arming and disarming"},
    {ExperimentPart::workloads, "workloads", "whole operations, predicted and measured"},
    {ExperimentPart::pruning, "pruning", "which sites must be left out for a small overhead"},
    {ExperimentPart::traps, "traps", "what a trap costs a process, without any probe"},
});

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

inline constexpr auto kSurfaceLayouts = std::to_array<SurfaceLayoutInfo>({
    {SurfaceLayout::one, "one"},
    {SurfaceLayout::functions, "functions"},
    {SurfaceLayout::path, "path"},
});

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

// How the names of an experiment's steps begin; those of a suite begin with its own.
inline constexpr std::string_view kMissesStep = "misses of return probes";
inline constexpr std::string_view kTrapsStep = "traps of a process";
std::string surface_step(const SurfaceSetting& first);

struct ExperimentPlan {
  std::vector<SurfaceSetting> surface;  // and what registering, arming, ... of its probes costs
  bool kretprobe_misses = false;
  bool traps = false;
  WorkloadPlan workloads;
  PredictPlan predict;           // of `predict`
  std::optional<CostPlan> cost;  // of `cost`

  // As many ExperimentSteps as will be told, for the progress.
  std::size_t steps() const;
  bool operator==(const ExperimentPlan&) const = default;
};

struct Plan {
  std::vector<Cell> cells;
  std::uint32_t rounds = 3;
  std::uint64_t seed = 1;
  ClockKind clock = ClockKind::instructions;
  ExperimentPlan experiment;  // of `reproduce`, after the cells
  bool paths = false;         // also make each cell's calls between marker instructions, see guest/run/rig.h
  std::vector<std::string> benchmark_args;  // passed to Google Benchmark as they are
};

}  // namespace probebench::inline model
