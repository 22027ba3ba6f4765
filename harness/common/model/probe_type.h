// SPDX-License-Identifier: MIT
// The one table of probe types: names, help, needs and order. Where each is measured: placement.h.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "model/capability.h"

namespace probebench::inline model {

// The kernel API that takes control. Values of the helper module's are those of enum pb_mechanism
// (kmod/pb_abi.h).
enum class Mechanism {
  kprobe,
  kprobe_post,
  kretprobe,
  fprobe_entry,
  fprobe_exit,
  ftrace,
  ftrace_regs,
  tracepoint,
  uprobe,
  uretprobe,
};

// Whose interface attaches the probe.
enum class Backend { kmod, bpf, tracefs, perf, uprobe };

enum class ProbeType {
  kprobe_stepped,
  kprobe_boosted,
  kprobe_unoptimized,
  kprobe_emulated,
  kprobe_detour,
  kprobe_optimized,
  kprobe_ftrace,
  kprobe_post,
  kretprobe_int3,
  kretprobe_optimized,
  kretprobe_ftrace,
  fprobe_entry,
  fprobe_exit,
  ftrace,
  ftrace_regs,
  tracepoint,
  bpf_kprobe,
  bpf_kretprobe,
  bpf_kprobe_multi,
  bpf_kretprobe_multi,
  bpf_kprobe_session,
  fentry,
  fexit,
  fmod_ret,
  bpf_tp,
  raw_tp,
  tp_btf,
  tracefs_kprobe,
  tracefs_kretprobe,
  tracefs_fprobe,
  tracefs_function,
  tracefs_function_graph,
  tracefs_tracepoint,
  perf_kprobe,
  perf_kretprobe,
  perf_breakpoint,
  perf_uprobe,
  perf_uretprobe,
  uprobe,
  uretprobe,
  uprobe_multi,
  usdt,
  tracefs_uprobe,
  tracefs_uretprobe,
  fprobe_entry_all,
  fprobe_exit_all,
  bpf_kprobe_multi_all,
  bpf_kretprobe_multi_all,
};

struct ProbeTypeInfo {
  ProbeType id;
  std::string_view name;    // CLI, JSON, cell names, plots
  std::string_view groups;  // space-separated group names it belongs to, beside "all" (but for among_all)
  Backend backend;
  Mechanism mechanism;
  Capability needs;
  std::string_view summary;  // one line for `list`
  // Whether every other function that can be traced has such a probe, too, that does nothing. Attaching those
  // takes as long as a hundred other rows: "all" is without.
  bool among_all = false;
};

inline constexpr auto kProbeTypes = std::to_array<ProbeTypeInfo>({
    {ProbeType::kprobe_stepped, "kprobe-stepped", "kprobe kprobe-int3 kmod", Backend::kmod, Mechanism::kprobe,
     Capability::kprobes, "int3, instruction slot ends in a second trap"},
    {ProbeType::kprobe_boosted, "kprobe-boosted", "kprobe kprobe-int3 kmod", Backend::kmod, Mechanism::kprobe,
     Capability::int3_boost, "int3, instruction slot jumps back"},
    {ProbeType::kprobe_unoptimized, "kprobe-unoptimized", "kprobe kprobe-int3 kmod", Backend::kmod,
     Mechanism::kprobe, Capability::optprobes,
     "int3 on the site of kprobe-optimized: the optimization is switched off"},
    {ProbeType::kprobe_emulated, "kprobe-emulated", "kprobe kprobe-int3 kmod", Backend::kmod,
     Mechanism::kprobe, Capability::int3_emulation, "int3 on an instruction the kernel emulates"},
    {ProbeType::kprobe_detour, "kprobe-detour", "kprobe kprobe-int3 kmod", Backend::kmod, Mechanism::kprobe,
     Capability::optprobes, "int3 on a site prepared for optimization"},
    {ProbeType::kprobe_optimized, "kprobe-optimized", "kprobe kmod", Backend::kmod, Mechanism::kprobe,
     Capability::optprobes, "jmp to a detour buffer"},
    {ProbeType::kprobe_ftrace, "kprobe-ftrace", "kprobe kmod", Backend::kmod, Mechanism::kprobe,
     Capability::kprobes_on_ftrace, "kprobe at a function entry: an ftrace call"},
    {ProbeType::kprobe_post, "kprobe-post", "kprobe kprobe-int3 kmod", Backend::kmod, Mechanism::kprobe_post,
     Capability::kprobes, "int3 with a post_handler: never boosted nor optimized"},
    {ProbeType::kretprobe_int3, "kretprobe-int3", "kretprobe kmod", Backend::kmod, Mechanism::kretprobe,
     Capability::kretprobes, "return probe, entry by int3"},
    {ProbeType::kretprobe_optimized, "kretprobe-optimized", "kretprobe kmod", Backend::kmod,
     Mechanism::kretprobe, Capability::optprobes, "return probe, entry by jmp"},
    {ProbeType::kretprobe_ftrace, "kretprobe-ftrace", "kretprobe kmod", Backend::kmod, Mechanism::kretprobe,
     Capability::kprobes_on_ftrace, "return probe, entry by an ftrace call"},
    {ProbeType::fprobe_entry, "fprobe-entry", "fprobe kmod", Backend::kmod, Mechanism::fprobe_entry,
     Capability::fprobe, "fprobe with an entry handler"},
    {ProbeType::fprobe_exit, "fprobe-exit", "fprobe kmod", Backend::kmod, Mechanism::fprobe_exit,
     Capability::fprobe, "fprobe with an exit handler"},
    {ProbeType::ftrace, "ftrace", "ftrace kmod", Backend::kmod, Mechanism::ftrace, Capability::ftrace,
     "ftrace_ops without registers"},
    {ProbeType::ftrace_regs, "ftrace-regs", "ftrace kmod", Backend::kmod, Mechanism::ftrace_regs,
     Capability::ftrace_regs, "ftrace_ops that saves all registers"},
    {ProbeType::tracepoint, "tracepoint", "tracepoint kmod", Backend::kmod, Mechanism::tracepoint,
     Capability::tracepoints, "a function on a static tracepoint"},
    {ProbeType::bpf_kprobe, "bpf-kprobe", "bpf", Backend::bpf, Mechanism::kprobe, Capability::bpf_kprobe,
     "BPF program on a kprobe event"},
    {ProbeType::bpf_kretprobe, "bpf-kretprobe", "bpf", Backend::bpf, Mechanism::kretprobe,
     Capability::bpf_kprobe, "BPF program on a kretprobe event"},
    {ProbeType::bpf_kprobe_multi, "bpf-kprobe-multi", "bpf", Backend::bpf, Mechanism::fprobe_entry,
     Capability::bpf_kprobe_multi, "BPF program on an fprobe, entry"},
    {ProbeType::bpf_kretprobe_multi, "bpf-kretprobe-multi", "bpf", Backend::bpf, Mechanism::fprobe_exit,
     Capability::bpf_kprobe_multi, "BPF program on an fprobe, return"},
    {ProbeType::bpf_kprobe_session, "bpf-kprobe-session", "bpf", Backend::bpf, Mechanism::fprobe_exit,
     Capability::bpf_kprobe_session, "BPF program on an fprobe, entry and return: one hit is both"},
    {ProbeType::fentry, "fentry", "bpf", Backend::bpf, Mechanism::ftrace, Capability::bpf_trampoline,
     "BPF trampoline, entry"},
    {ProbeType::fexit, "fexit", "bpf", Backend::bpf, Mechanism::ftrace, Capability::bpf_trampoline,
     "BPF trampoline, return"},
    {ProbeType::fmod_ret, "fmod-ret", "bpf", Backend::bpf, Mechanism::ftrace, Capability::bpf_fmod_ret,
     "BPF trampoline that may replace the return value"},
    {ProbeType::bpf_tp, "bpf-tp", "bpf tracepoint", Backend::bpf, Mechanism::tracepoint,
     Capability::bpf_tracepoint, "BPF program on a trace event"},
    {ProbeType::raw_tp, "raw-tp", "bpf tracepoint", Backend::bpf, Mechanism::tracepoint,
     Capability::bpf_tracepoint, "BPF program on a raw tracepoint"},
    {ProbeType::tp_btf, "tp-btf", "bpf tracepoint", Backend::bpf, Mechanism::tracepoint,
     Capability::bpf_trampoline, "BPF program on a raw tracepoint with typed arguments"},
    {ProbeType::tracefs_kprobe, "tracefs-kprobe", "tracefs", Backend::tracefs, Mechanism::kprobe,
     Capability::kprobe_events, "kprobe event in a trace instance"},
    {ProbeType::tracefs_kretprobe, "tracefs-kretprobe", "tracefs", Backend::tracefs, Mechanism::kretprobe,
     Capability::kprobe_events, "kretprobe event in a trace instance"},
    {ProbeType::tracefs_fprobe, "tracefs-fprobe", "tracefs", Backend::tracefs, Mechanism::fprobe_entry,
     Capability::fprobe_events, "fprobe event in a trace instance"},
    {ProbeType::tracefs_function, "tracefs-function", "tracefs", Backend::tracefs, Mechanism::ftrace,
     Capability::function_tracer, "function tracer, filtered to one function"},
    {ProbeType::tracefs_function_graph, "tracefs-function-graph", "tracefs", Backend::tracefs,
     Mechanism::ftrace, Capability::graph_tracer,
     "function graph tracer, filtered to one function: one hit is entry and return"},
    {ProbeType::tracefs_tracepoint, "tracefs-tracepoint", "tracefs tracepoint", Backend::tracefs,
     Mechanism::tracepoint, Capability::trace_events, "trace event of a static tracepoint"},
    {ProbeType::perf_kprobe, "perf-kprobe", "perf", Backend::perf, Mechanism::kprobe,
     Capability::perf_kprobes, "kprobe that a perf event counts"},
    {ProbeType::perf_kretprobe, "perf-kretprobe", "perf", Backend::perf, Mechanism::kretprobe,
     Capability::perf_kprobes, "kretprobe that a perf event counts"},
    {ProbeType::perf_breakpoint, "perf-breakpoint", "perf", Backend::perf, Mechanism::kprobe,
     Capability::perf_breakpoints, "debug register that stops at an instruction"},
    {ProbeType::perf_uprobe, "perf-uprobe", "uprobe perf", Backend::uprobe, Mechanism::uprobe,
     Capability::uprobes, "uprobe that a perf event counts"},
    {ProbeType::perf_uretprobe, "perf-uretprobe", "uprobe perf", Backend::uprobe, Mechanism::uretprobe,
     Capability::uprobes, "return uprobe that a perf event counts"},
    {ProbeType::uprobe, "uprobe", "uprobe bpf", Backend::uprobe, Mechanism::uprobe, Capability::bpf_uprobe,
     "BPF program on a uprobe event"},
    {ProbeType::uretprobe, "uretprobe", "uprobe bpf", Backend::uprobe, Mechanism::uretprobe,
     Capability::bpf_uprobe, "BPF program on a return uprobe event"},
    {ProbeType::uprobe_multi, "uprobe-multi", "uprobe bpf", Backend::uprobe, Mechanism::uprobe,
     Capability::uprobe_multi, "BPF program on a uprobe-multi link"},
    {ProbeType::usdt, "usdt", "uprobe bpf", Backend::uprobe, Mechanism::uprobe, Capability::bpf_uprobe,
     "BPF program on a USDT marker, found by its note"},
    {ProbeType::tracefs_uprobe, "tracefs-uprobe", "uprobe tracefs", Backend::uprobe, Mechanism::uprobe,
     Capability::uprobe_events, "uprobe event in a trace instance"},
    {ProbeType::tracefs_uretprobe, "tracefs-uretprobe", "uprobe tracefs", Backend::uprobe,
     Mechanism::uretprobe, Capability::uprobe_events, "return uprobe event in a trace instance"},
    {ProbeType::fprobe_entry_all, "fprobe-entry-all", "all-functions", Backend::kmod, Mechanism::fprobe_entry,
     Capability::fprobe, "fprobe-entry, with an empty probe on all other functions", true},
    {ProbeType::fprobe_exit_all, "fprobe-exit-all", "all-functions", Backend::kmod, Mechanism::fprobe_exit,
     Capability::fprobe, "fprobe-exit, with an empty probe on all other functions", true},
    {ProbeType::bpf_kprobe_multi_all, "bpf-kprobe-multi-all", "all-functions", Backend::bpf,
     Mechanism::fprobe_entry, Capability::bpf_kprobe_multi,
     "bpf-kprobe-multi, with an empty one on all other functions", true},
    {ProbeType::bpf_kretprobe_multi_all, "bpf-kretprobe-multi-all", "all-functions", Backend::bpf,
     Mechanism::fprobe_exit, Capability::bpf_kprobe_multi,
     "bpf-kretprobe-multi, with an empty one on all other functions", true},
});

constexpr const ProbeTypeInfo& info_of(ProbeType id) {
  return kProbeTypes[static_cast<size_t>(id)];
}

// Names of groups that --probe-type takes, "all" first.
inline constexpr std::array<std::string_view, 13> kProbeGroups{
    "all",        "kmod", "kprobe",  "kprobe-int3", "kretprobe", "fprobe",       "ftrace",
    "tracepoint", "bpf",  "tracefs", "perf",        "uprobe",    "all-functions"};

constexpr std::optional<ProbeType> probe_type_from_name(std::string_view name) {
  for (const auto& info : kProbeTypes) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

}  // namespace probebench::inline model
