// SPDX-License-Identifier: MIT
// What about the running machine makes time noisy or wrong. A path that is absent says nothing: unknown is no
// finding.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/foreign_programs.h"

namespace probebench::session {

// How the wanted text is compared with what the file says.
enum class Wants {
  equal,   // the whole text
  chosen,  // the [bracketed] one of several words
  below,   // the first number, behind a = where there is one, is smaller
  empty,   // nothing in it
  absent,  // no such file
  unset,   // no BPF program of that kind is loaded; there is no path
};

struct EnvironmentCheck {
  std::string_view name;
  std::string_view path;  // below the root; one * stands for every entry of a directory
  Wants wants;
  std::string_view wanted;  // text or number
  bool tunable;             // --tune writes `wanted` there
  std::string_view why;     // what is wrong with anything else
};

inline constexpr auto kEnvironmentChecks = std::to_array<EnvironmentCheck>({
    {"governor", "sys/devices/system/cpu/*/cpufreq/scaling_governor", Wants::equal, "performance", true,
     "the clock rate follows the load"},
    {"turbo", "sys/devices/system/cpu/intel_pstate/no_turbo", Wants::equal, "1", true,
     "the clock rate follows heat and neighbours"},
    {"boost", "sys/devices/system/cpu/cpufreq/boost", Wants::equal, "0", true,
     "the clock rate follows heat and neighbours"},
    {"smt", "sys/devices/system/cpu/smt/active", Wants::equal, "0", false,
     "a sibling thread shares the core"},
    {"nmi-watchdog", "proc/sys/kernel/nmi_watchdog", Wants::equal, "0", true,
     "it holds a hardware counter and interrupts"},
    {"perf-limit", "proc/sys/kernel/perf_cpu_time_max_percent", Wants::equal, "0", true,
     "perf may be throttled while it counts"},
    {"bpf-stats", "proc/sys/kernel/bpf_stats_enabled", Wants::equal, "0", true,
     "every BPF program is timed, which costs"},
    {"bpf-jit", "proc/sys/net/core/bpf_jit_enable", Wants::equal, "1", true, "BPF programs are interpreted"},
    {"bpf-hardening", "proc/sys/net/core/bpf_jit_harden", Wants::equal, "0", true, "BPF programs are slower"},
    {"kprobes-optimization", "proc/sys/debug/kprobes-optimization", Wants::equal, "1", true,
     "no kprobe becomes a jump"},
    {"ksm", "sys/kernel/mm/ksm/run", Wants::equal, "0", true, "pages are merged meanwhile"},
    {"clocksource", "sys/devices/system/clocksource/clocksource0/current_clocksource", Wants::equal, "tsc",
     false, "the kernel does not trust the TSC"},
    {"tracer", "sys/kernel/tracing/current_tracer", Wants::equal, "nop", false, "a tracer is on"},
    {"foreign-kprobes", "sys/kernel/debug/kprobes/list", Wants::empty, "", false,
     "somebody else's kprobes are attached"},
    {"foreign-bpf", "", Wants::unset, "", false, "somebody else's BPF programs run on the kernel's events"},
    {"foreign-uprobes", "sys/kernel/tracing/uprobe_events", Wants::empty, "", false,
     "somebody else's uprobes are attached"},
    {"kptr-restrict", "proc/sys/kernel/kptr_restrict", Wants::below, "2", false,
     "not even root sees where the kernel's functions are"},
    {"throttling", "sys/devices/system/cpu/*/thermal_throttle/core_throttle_count", Wants::equal, "0", false,
     "the CPU was too hot"},
    {"load", "proc/loadavg", Wants::below, "0.5", false, "other work is running"},
    {"pressure", "proc/pressure/cpu", Wants::below, "5", false,
     "tasks wait for a CPU: percent of the last 10 s"},
    {"huge-pages", "sys/kernel/mm/transparent_hugepage/enabled", Wants::chosen, "madvise", true,
     "what the kernel makes of memory differs from run to run"},
    {"aslr", "proc/sys/kernel/randomize_va_space", Wants::equal, "2", false,
     "one layout of memory stands for all"},
    {"taint", "proc/sys/kernel/tainted", Wants::equal, "0", false,
     "modules or errors that make this kernel unlike others"},
    {"kmemleak", "sys/kernel/debug/kmemleak", Wants::absent, "", false,
     "a kernel for debugging: never gate on it"},
    {"lockdep", "proc/lockdep", Wants::absent, "", false, "a kernel for debugging: never gate on it"},
});

struct Finding {
  const EnvironmentCheck* check;
  std::filesystem::path path;
  std::string found;  // first line of what is there

  // "governor: powersave, wanted performance: the clock rate follows the load"
  std::string text() const;
};

// Everything that is known and not as wanted, in table order; of `loaded` programs only what is passed.
std::vector<Finding> check_environment(const std::filesystem::path& root = "/",
                                       const std::optional<BpfPrograms>& loaded = {});

// Whether `path` is one of the files that --tune writes to.
bool is_tunable(const std::filesystem::path& path, const std::filesystem::path& root = "/");

}  // namespace probebench::session
