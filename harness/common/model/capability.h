// SPDX-License-Identifier: MIT
// What a target can do, found by asking it. Each probe type names the one it needs.
#pragma once

#include <array>
#include <string_view>

#include "model/arch.h"

namespace probebench::inline model {

enum class Capability {
  kprobes,
  kretprobes,
  optprobes,
  kprobes_on_ftrace,
  int3_boost,
  int3_emulation,
  ftrace,
  ftrace_regs,
  fprobe,
  tracepoints,
  pmu,
  helper_module,
  bpf_tracepoint,
  bpf_kprobe,
  bpf_kprobe_multi,
  bpf_kprobe_session,
  bpf_trampoline,
  bpf_fmod_ret,
  bpf_trigger,
  bpf_test_run,
  module_btf,
  kprobe_events,
  fprobe_events,
  function_tracer,
  graph_tracer,
  trace_events,
  perf_kprobes,
  perf_breakpoints,
  uprobes,
  uprobe_multi,
  bpf_uprobe,
  uprobe_events,
  parallel_cpus,
};

struct CapabilityInfo {
  Capability id;
  std::string_view name;         // in JSON and in `info`
  std::string_view missing;      // why a target lacks it
  std::string_view provided_by;  // what would provide it
};

inline constexpr auto kCapabilities = std::to_array<CapabilityInfo>({
    {Capability::kprobes, "kprobes", "this kernel has CONFIG_KPROBES=n", "a kernel with CONFIG_KPROBES=y"},
    {Capability::kretprobes, "kretprobes", "this kernel has CONFIG_KRETPROBES=n",
     "a kernel with CONFIG_KRETPROBES=y"},
    {Capability::optprobes, "optprobes", "this kernel has CONFIG_OPTPROBES=n",
     "a kernel with CONFIG_OPTPROBES=y"},
    {Capability::kprobes_on_ftrace, "kprobes-on-ftrace", "this kernel has CONFIG_KPROBES_ON_FTRACE=n",
     "a kernel with CONFIG_KPROBES_ON_FTRACE=y"},
    {Capability::int3_boost, "int3-boost", "boosting is compiled out by CONFIG_PREEMPTION=y",
     "a kernel without CONFIG_PREEMPTION: --kernel 5.10"},
    {Capability::int3_emulation, "int3-emulation",
     "this kernel single-steps jumps (it predates emulate_op, Linux 5.13)",
     "Linux 5.13 or newer, or a stable kernel with the backport"},
    {Capability::ftrace, "ftrace", "this kernel has CONFIG_DYNAMIC_FTRACE=n",
     "a kernel with CONFIG_DYNAMIC_FTRACE=y"},
    {Capability::ftrace_regs, "ftrace-regs", "this kernel has CONFIG_DYNAMIC_FTRACE_WITH_REGS=n",
     "a kernel with CONFIG_DYNAMIC_FTRACE_WITH_REGS=y"},
    {Capability::fprobe, "fprobe", "this kernel has CONFIG_FPROBE=n",
     "a kernel with CONFIG_FPROBE=y: --kernel 6.12"},
    {Capability::tracepoints, "tracepoints", "this kernel has CONFIG_TRACEPOINTS=n",
     "a kernel with CONFIG_TRACEPOINTS=y"},
    {Capability::pmu, "pmu", "this target has no hardware performance counters",
     "a host whose virtual machines have a PMU, or bare metal"},
    {Capability::helper_module, "helper-module", "the helper module is not loaded here",
     "--target vm, or with --kernel PATH the headers of that kernel"},
    {Capability::bpf_tracepoint, "bpf-tracepoint", "this kernel has CONFIG_BPF_EVENTS=n",
     "a kernel with CONFIG_BPF_EVENTS=y"},
    {Capability::bpf_kprobe, "bpf-kprobe", "this kernel has CONFIG_BPF_EVENTS=n or CONFIG_KPROBE_EVENTS=n",
     "a kernel with CONFIG_BPF_EVENTS=y and CONFIG_KPROBE_EVENTS=y"},
    {Capability::bpf_kprobe_multi, "bpf-kprobe-multi", "this kernel has no kprobe-multi links",
     "Linux 5.18 or newer with CONFIG_FPROBE=y: --kernel 6.12"},
    {Capability::bpf_kprobe_session, "bpf-kprobe-session", "this kernel has no kprobe sessions",
     "Linux 6.10 or newer with CONFIG_FPROBE=y: --kernel 6.12"},
    {Capability::bpf_trampoline, "bpf-trampoline",
     "this kernel has no BPF trampolines (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, BTF)",
     "Linux 5.5 or newer with CONFIG_DEBUG_INFO_BTF=y"},
    {Capability::bpf_fmod_ret, "bpf-fmod-ret",
     "this kernel has no function that the test-run driver can call and fmod_ret may modify",
     "Linux 6.10 or newer: --kernel 6.12"},
    {Capability::bpf_trigger, "bpf-trigger", "this kernel has no tracepoint that only BPF test programs pass",
     "Linux 6.10 or newer: --kernel 6.12"},
    {Capability::bpf_test_run, "bpf-test-run", "this kernel cannot run BPF programs on request",
     "Linux 5.10 or newer with CONFIG_BPF_SYSCALL=y and CONFIG_NET=y"},
    {Capability::module_btf, "module-btf", "the helper module was built without BTF",
     "Linux 5.11 or newer with CONFIG_DEBUG_INFO_BTF_MODULES=y: --kernel 6.12"},
    {Capability::kprobe_events, "kprobe-events",
     "this kernel has CONFIG_KPROBE_EVENTS=n, or tracefs is not mounted",
     "a kernel with CONFIG_KPROBE_EVENTS=y"},
    {Capability::fprobe_events, "fprobe-events", "this kernel has no fprobe events",
     "Linux 6.5 or newer with CONFIG_FPROBE_EVENTS=y: --kernel 6.12"},
    {Capability::function_tracer, "function-tracer", "this kernel has CONFIG_FUNCTION_TRACER=n",
     "a kernel with CONFIG_FUNCTION_TRACER=y"},
    {Capability::graph_tracer, "graph-tracer", "this kernel has CONFIG_FUNCTION_GRAPH_TRACER=n",
     "a kernel with CONFIG_FUNCTION_GRAPH_TRACER=y"},
    {Capability::trace_events, "trace-events",
     "this kernel has CONFIG_EVENT_TRACING=n, or tracefs is not mounted",
     "a kernel with CONFIG_EVENT_TRACING=y"},
    {Capability::perf_kprobes, "perf-kprobes", "this kernel has no kprobe PMU",
     "Linux 4.17 or newer with CONFIG_KPROBE_EVENTS=y and CONFIG_PERF_EVENTS=y"},
    {Capability::perf_breakpoints, "perf-breakpoints", "this kernel has no breakpoint PMU",
     "a kernel with CONFIG_HAVE_HW_BREAKPOINT=y and CONFIG_PERF_EVENTS=y"},
    {Capability::uprobes, "uprobes", "this kernel has CONFIG_UPROBE_EVENTS=n",
     "a kernel with CONFIG_UPROBE_EVENTS=y and CONFIG_PERF_EVENTS=y"},
    {Capability::uprobe_multi, "uprobe-multi", "this kernel has no uprobe-multi links", "Linux 6.6 or newer"},
    {Capability::bpf_uprobe, "bpf-uprobe", "this kernel runs no BPF program on a uprobe",
     "a kernel with CONFIG_BPF_EVENTS=y and CONFIG_UPROBE_EVENTS=y, and CAP_BPF"},
    {Capability::uprobe_events, "uprobe-events", "this kernel has no uprobe events in tracefs",
     "a kernel with CONFIG_UPROBE_EVENTS=y, and root"},
    {Capability::parallel_cpus, "parallel-cpus",
     "where instructions are counted, CPUs take turns: no two threads run at the same time",
     "--target native, or --accel kvm on a machine whose KVM works"},
});

constexpr const CapabilityInfo& info_of(Capability id) {
  return kCapabilities[static_cast<size_t>(id)];
}

// Where an architecture lacks it for a reason of its own, or has it from another Linux on.
struct ArchWords {
  ArchId arch;
  Capability capability;
  std::string_view missing;
  std::string_view provided_by;
};

inline constexpr auto kArchWords = std::to_array<ArchWords>({
    {ArchId::arm64, Capability::optprobes,
     "arm64 has none (CONFIG_HAVE_OPTPROBES): a jump takes no instruction's place", "--arch x86-64"},
    {ArchId::arm64, Capability::kprobes_on_ftrace,
     "arm64 has none (CONFIG_HAVE_KPROBES_ON_FTRACE): a kprobe at a function entry is a trap",
     "--arch x86-64"},
    {ArchId::arm64, Capability::int3_boost, "arm64 has none: every slot ends in a second trap",
     "--arch x86-64"},
    {ArchId::arm64, Capability::ftrace_regs,
     "this kernel has CONFIG_DYNAMIC_FTRACE_WITH_REGS=n, as arm64 has since Linux 6.3", "--kernel 6.1"},
    {ArchId::arm64, Capability::fprobe, "this kernel has CONFIG_FPROBE=n, as arm64 has before Linux 6.14",
     "Linux 6.14 or newer: --kernel newest"},
    {ArchId::arm64, Capability::fprobe_events, "this kernel has no fprobe events, as arm64 before Linux 6.14",
     "Linux 6.14 or newer: --kernel newest"},
    {ArchId::arm64, Capability::bpf_kprobe_multi,
     "this kernel has no kprobe-multi links: CONFIG_FPROBE=n, as arm64 has before Linux 6.14",
     "Linux 6.14 or newer: --kernel newest"},
    {ArchId::arm64, Capability::bpf_kprobe_session,
     "this kernel has no kprobe sessions: CONFIG_FPROBE=n, as arm64 has before Linux 6.14",
     "Linux 6.14 or newer: --kernel newest"},
    {ArchId::arm64, Capability::bpf_trampoline,
     "this kernel attaches no BPF trampolines (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS, on arm64 from Linux "
     "6.4 "
     "on; BTF)",
     "Linux 6.4 or newer: --kernel 6.12"},
});

constexpr const ArchWords* words_on(ArchId arch, Capability id) {
  for (const auto& words : kArchWords) {
    if (words.arch == arch && words.capability == id) return &words;
  }
  return nullptr;
}

// Why a target of the architecture lacks it, and what would provide it.
constexpr std::string_view missing_on(ArchId arch, Capability id) {
  const auto* words = words_on(arch, id);
  return words != nullptr ? words->missing : info_of(id).missing;
}
constexpr std::string_view provided_by_on(ArchId arch, Capability id) {
  const auto* words = words_on(arch, id);
  return words != nullptr ? words->provided_by : info_of(id).provided_by;
}

}  // namespace probebench::inline model
