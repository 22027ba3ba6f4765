// SPDX-License-Identifier: MIT
// What `cost` asks of a target, and what the target tells: what a probe that the user brings costs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/external_probe.h"
#include "model/sample.h"
#include "model/workload.h"

namespace probebench::inline model {

// A line that is written to a file of tracefs.
struct TracefsLine {
  std::string file;
  std::string line;

  bool operator==(const TracefsLine&) const = default;
};

struct CostPlan {
  WorkloadId workload = WorkloadId::null_syscall;
  std::vector<std::string> program = {};  // of WorkloadId::command, whose operation is a run of it
  ProbeSource source = ProbeSource::bpf_object;
  std::string file = {};                  // as the target finds it: the object, or the module
  std::string parameters = {};            // of the module, as insmod(8) has them: "symbol=vfs_read"
  std::vector<TracefsLine> setup = {};    // in this order
  std::vector<std::string> command = {};  // as the target finds it
  std::uint32_t rounds = 3;               // pairs of windows of each state
  bool paths = false;  // also make some operations between marker instructions, with nothing armed and armed
  // Of the host's record; the target has no use for them.
  std::string name = {};  // ExternalProbe's
  ArmedSource armed = {};

  ExternalProbe probe() const { return {source, name, workload}; }
  // As many ExperimentSteps as will be told.
  static constexpr std::size_t kSteps = 4;
  bool operator==(const CostPlan&) const = default;
};

// What one operation of a cost is.
enum class CostOperation { single, marked, run };

struct CostOperationInfo {
  CostOperation id;
  std::string_view name;  // in JSON
  std::string_view meaning;
};

inline constexpr auto kCostOperations = std::to_array<CostOperationInfo>({
    {CostOperation::single, "single", "one of the workload's"},
    {CostOperation::marked, "marked", "one that the user's program marks, see suites/probebench_op.h"},
    {CostOperation::run, "run", "a whole run, with the timer's ticks that come meanwhile"},
});

constexpr const CostOperationInfo& info_of(CostOperation operation) {
  return kCostOperations[static_cast<std::size_t>(operation)];
}

// How a place of kernel text is armed, as its bytes and the kernel's listings say.
enum class SiteArming { ftrace, trampoline, jump, breakpoint, static_key, led_elsewhere, unknown };

struct SiteArmingInfo {
  SiteArming id;
  std::string_view name;  // in tables and JSON
};

inline constexpr auto kSiteArmings = std::to_array<SiteArmingInfo>({
    {SiteArming::ftrace, "ftrace"},
    {SiteArming::trampoline, "BPF trampoline"},
    {SiteArming::jump, "optimized"},
    {SiteArming::breakpoint, "int3"},
    {SiteArming::static_key, "static key"},
    {SiteArming::led_elsewhere,
     "led elsewhere"},  // a call or jump that was there, of ftrace's own for example
    {SiteArming::unknown, "unknown"},
});

constexpr const SiteArmingInfo& info_of(SiteArming arming) {
  return kSiteArmings[static_cast<std::size_t>(arming)];
}

// A place of kernel text that arming changed.
struct ArmedText {
  std::string place = {};  // "vfs_read+0x4"; empty: no symbol names it
  std::uint64_t address = 0;
  SiteArming arming = SiteArming::unknown;
  Bytes before = {};
  Bytes armed = {};
  Bytes after = {};  // when everything was disarmed

  bool operator==(const ArmedText&) const = default;
};

// A line that is in one of the kernel's own listings only while the probe is armed.
struct ListedProbe {
  std::string listing;  // "enabled_functions"
  std::string line;

  bool operator==(const ListedProbe&) const = default;
};
// Who hangs on a tracepoint, by the kernel's memory: "sys_enter perf_syscall_enter __x64_sys_openat".
inline constexpr std::string_view kTracepointListing = "tracepoints";

// What one of the armed probes did in a window of its own.
struct ProbeHits {
  std::string probe;         // "kprobe my_program", "event my_group/my_event"
  std::string counted_by;    // "run_cnt"
  HitCount hits = {};        // expected: one of each operation
  std::uint64_t run_ns = 0;  // of all hits, as bpf_stats has it; 0: it is no BPF program

  bool operator==(const ProbeHits&) const = default;
};

// What the tool that armed the probe did with the events, outside the measured windows.
struct ReaderCost {
  std::uint64_t events = 0;
  std::uint64_t cpu_ns = 0;  // of all its processes

  bool operator==(const ReaderCost&) const = default;
};

// Where the machine code of a line of a BPF program's source begins; it ends where that of another begins.
struct SourceLine {
  std::uint64_t address = 0;
  std::string file = {};
  std::uint32_t line = 0;
  std::string text = {};

  bool operator==(const SourceLine&) const = default;
};

// What a window of N operations and one of twice as many took.
struct PairTicks {
  std::uint64_t n = 0;
  std::uint64_t twice_n = 0;

  bool operator==(const PairTicks&) const = default;
};

// The second is for a kernel that the first one since its boot has changed for good.
inline constexpr std::uint32_t kMostArmings = 2;

struct ProbeCost {
  WorkloadId workload = WorkloadId::null_syscall;
  ProbeSource source = ProbeSource::bpf_object;
  CostOperation operation = CostOperation::single;
  std::uint32_t operations = 0;          // of the shorter window of a pair, nothing armed
  std::uint32_t armed_operations = 0;    // the same, armed
  std::vector<double> base_per_op = {};  // nothing armed; one for each round
  std::vector<double> armed_per_op = {};
  std::vector<double> base_after = {};       // disarmed again
  std::vector<PairTicks> base_windows = {};  // what base_per_op is made of
  std::vector<PairTicks> armed_windows = {};
  std::uint32_t armings = 1;     // the figures are those of the last
  double interrupts_per_op = 0;  // armed: raised by the probe to wake its reader, and part of its cost
  std::vector<ProbeHits> hits = {};
  std::vector<ArmedText> sites = {};
  std::vector<ListedProbe> listed = {};
  std::vector<std::string> armed = {};  // what was armed and by what: versions, program names
  ReaderCost reader = {};
  std::map<std::string, std::string> versions = {};  // of what armed it, in the target
  std::optional<MarkedLoops> loops = {};             // where paths were asked for; the twin has nothing armed
  std::vector<SourceLine> source_lines = {};         // by address, likewise
  CellStatus status = CellStatus::errored;
  std::string reason = {};   // empty when measured
  bool wrong_input = false;  // what the user asked for cannot be on this kernel: nothing broke

  bool operator==(const ProbeCost&) const = default;
};

}  // namespace probebench::inline model
