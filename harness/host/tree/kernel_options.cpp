// SPDX-License-Identifier: MIT
#include "tree/kernel_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "kernels/kernel_headers.h"
#include "model/placement.h"
#include "model/probe_type.h"

namespace probebench::tree {
namespace {

constexpr auto kBoots = OptionPurpose::boots;
constexpr auto kProbes = OptionPurpose::probes;
constexpr auto kFast = OptionPurpose::fast;

constexpr std::string_view kEverything = "all";
constexpr std::string_view kOfKprobes =
    "kprobes kretprobes optprobes kprobes-on-ftrace int3-boost int3-emulation bpf-kprobe kprobe-events "
    "perf-kprobes";
constexpr std::string_view kOfFprobes = "fprobe bpf-kprobe-multi bpf-kprobe-session fprobe-events";
constexpr std::string_view kOfFtrace =
    "ftrace ftrace-regs kprobes-on-ftrace fprobe bpf-kprobe-multi bpf-kprobe-session fprobe-events "
    "bpf-trampoline bpf-fmod-ret function-tracer graph-tracer";
constexpr std::string_view kOfBpf =
    "bpf-tracepoint bpf-kprobe bpf-kprobe-multi bpf-kprobe-session bpf-trampoline bpf-fmod-ret bpf-uprobe "
    "uprobe-multi";
constexpr std::string_view kOfPerf =
    "bpf-kprobe perf-kprobes perf-breakpoints bpf-tracepoint bpf-uprobe uprobes uprobe-multi";
constexpr std::string_view kOfUprobes = "uprobes uprobe-multi bpf-uprobe uprobe-events";

// In the order of the fragment.
constexpr KernelOption kOptions[] = {
    // The machine: one CPU of QEMU's, a console, an initramfs.
    {"64BIT", "y", kBoots, kEverything},
    {"SMP", "y", kBoots},
    {"PRINTK", "y", kBoots, kEverything},
    {"PRINTK_TIME", "y", kBoots},
    {"BUG", "y", kBoots},
    {"MULTIUSER", "y", kBoots},
    {"SYSFS", "y", kBoots, kEverything},
    {"PROC_FS", "y", kBoots, kEverything},
    {"PROC_SYSCTL", "y", kBoots},
    {"SHMEM", "y", kBoots},
    {"TMPFS", "y", kBoots, kEverything},
    {"DEVTMPFS", "y", kBoots, kEverything},
    {"BLK_DEV_INITRD", "y", kBoots, kEverything},
    {"BINFMT_ELF", "y", kBoots, kEverything},
    {"BINFMT_SCRIPT", "y", kBoots},
    {"FUTEX", "y", kBoots, kEverything},
    {"EPOLL", "y", kBoots},
    {"SIGNALFD", "y", kBoots},
    {"TIMERFD", "y", kBoots},
    {"EVENTFD", "y", kBoots},
    {"MEMBARRIER", "y", kBoots},
    {"RSEQ", "y", kBoots},
    {"ADVISE_SYSCALLS", "y", kBoots},
    {"POSIX_TIMERS", "y", kBoots},
    {"HIGH_RES_TIMERS", "y", kBoots},
    {"NO_HZ_IDLE", "y", kBoots},
    {"TTY", "y", kBoots, kEverything},
    {"SERIAL_8250", "y", kBoots, kEverything},
    {"SERIAL_8250_CONSOLE", "y", kBoots, kEverything},
    {"HYPERVISOR_GUEST", "y", kBoots},
    {"PARAVIRT", "y", kBoots},
    {"KVM_GUEST", "y", kBoots},
    {"PVH", "y", kBoots},
    {"X86_LOCAL_APIC", "y", kBoots},
    {"ACPI", "y", kBoots},
    {"UNIX", "y", kBoots},
    {"KALLSYMS", "y", kBoots, kEverything},
    {"KALLSYMS_ALL", "y", kBoots},
    // What is probed, and by what.
    {"MODULES", "y", kProbes, "helper-module"},
    {"MODULE_UNLOAD", "y", kProbes},
    {"JUMP_LABEL", "y", kProbes},
    {"PROC_KCORE", "y", kProbes, "helper modifiable"},
    {"NET", "y", kProbes, "test-run"},
    {"DEBUG_KERNEL", "y", kProbes},
    {"DEBUG_FS", "y", kProbes},
    {"KPROBES", "y", kProbes, kOfKprobes},
    {"PERF_EVENTS", "y", kProbes, kOfPerf},
    {"HAVE_HW_BREAKPOINT", "y", kProbes, "perf-breakpoints"},
    {"BPF_SYSCALL", "y", kProbes, kOfBpf},
    {"BPF_JIT", "y", kProbes, "bpf-trampoline bpf-fmod-ret"},
    {"BPF_JIT_ALWAYS_ON", "y", kProbes},
    {"FTRACE", "y", kProbes, kOfFtrace},
    {"FUNCTION_TRACER", "y", kProbes, kOfFtrace},
    {"DYNAMIC_FTRACE", "y", kProbes, kOfFtrace},
    {"FUNCTION_GRAPH_TRACER", "y", kProbes, "graph-tracer"},
    {"FUNCTION_GRAPH_RETVAL", "y", kProbes, {}, 605},
    {"FPROBE", "y", kProbes, kOfFprobes, 518},
    {"FPROBE_EVENTS", "y", kProbes, "fprobe-events", 605},
    {"KPROBE_EVENTS", "y", kProbes, "kprobe-events perf-kprobes bpf-kprobe"},
    {"UPROBE_EVENTS", "y", kProbes, kOfUprobes},
    {"BPF_EVENTS", "y", kProbes,
     "bpf-tracepoint bpf-kprobe bpf-kprobe-multi bpf-kprobe-session bpf-uprobe uprobe-multi"},
    {"FTRACE_SYSCALLS", "y", kProbes},
    {"FUNCTION_ERROR_INJECTION", "y", kProbes},
    {"BPF_KPROBE_OVERRIDE", "y", kProbes},
    {"DEBUG_INFO_DWARF5", "y", kProbes, {}, 518},
    {"DEBUG_INFO_BTF", "y", kProbes, "bpf-trampoline bpf-fmod-ret module-btf"},
    {"UNWINDER_ORC", "y", kProbes},
    // With it, 6.x never boosts a probe: int3 probes then cost a second trap.
    {"PREEMPTION", "n", kProbes, "int3-boost"},
    {"PREEMPT_NONE", "y", kProbes},
    // What makes counts those of a distribution's kernel, and what makes the build short.
    {"CPU_MITIGATIONS", "y", kFast, {}, 609},
    {"MITIGATION_RETPOLINE", "y", kFast, {}, 609},
    {"CC_OPTIMIZE_FOR_PERFORMANCE", "y", kFast},
    // tinyconfig's allocator before Linux 6.2 looks for a place from the first on: no two hits cost alike.
    {"SLUB", "y", kFast},
    {"KERNEL_GZIP", "y", kFast},
    {"RD_GZIP", "y", kFast},
    {"IKCONFIG", "y", kFast},
    {"IKCONFIG_PROC", "y", kFast},
};

std::string_view title_of(OptionPurpose purpose) {
  switch (purpose) {
    case OptionPurpose::boots:
      return "what the guest needs";
    case OptionPurpose::probes:
      return "what probes need";
    case OptionPurpose::fast:
      return "costs like a distribution's, a short build";
  }
  return {};
}

bool names(std::string_view words, std::string_view word) {
  return std::ranges::any_of(split(words, ' '), [&](std::string_view one) { return one == word; });
}

bool needs(const Placement& row, std::string_view words) {
  const auto& type = info_of(row.probe_type);
  const bool of_module = row.driver == DriverId::module;
  return words == kEverything || names(words, info_of(type.needs).name) || names(words, type.name) ||
         names(words, info_of(row.site).name) || names(words, info_of(row.driver).name) ||
         (row.needs && names(words, info_of(*row.needs).name)) ||
         (of_module && names(words, info_of(Capability::helper_module).name));
}

OptionCost cost_of(const KernelOption& option) {
  OptionCost cost{.option = fmt::format("CONFIG_{}={}", option.name, option.value == "n" ? "y" : "n"),
                  .rows = 0,
                  .lost = {}};
  for (const auto& row : kPlacements) {
    if (row.only || !needs(row, option.costs)) continue;  // options are those of x86-64
    ++cost.rows;
    const std::string type(info_of(row.probe_type).name);
    if (option.costs != kEverything && (cost.lost.empty() || cost.lost.back() != type)) {
      cost.lost.push_back(type);
    }
  }
  return cost;
}

}  // namespace

int version_of_release(std::string_view release) {
  int major = 0;
  int minor = 0;
  const auto* end = release.data() + release.size();
  const auto [dot, failed] = std::from_chars(release.data(), end, major);
  if (failed != std::errc() || dot == end || *dot != '.') return 0;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc()) return 0;
  return 100 * major + minor;
}

std::string config_line(std::string_view name, std::string_view value) {
  if (value == "n") return fmt::format("# CONFIG_{} is not set\n", name);
  return fmt::format("CONFIG_{}={}\n", name, value);
}

std::string kernel_config_fragment() {
  std::string text =
      "# probebench: a small x86-64 kernel that has every probe type. On top of tinyconfig, in its tree:\n"
      "#   make O=out tinyconfig\n"
      "#   ./scripts/kconfig/merge_config.sh -m -O out out/.config probe.config\n"
      "#   make O=out olddefconfig\n"
      "#   make O=out -j\"$(nproc)\" bzImage modules\n";
  const KernelOption* previous = nullptr;
  for (const auto& option : kOptions) {
    if (previous == nullptr || previous->purpose != option.purpose) {
      text += fmt::format("\n# {}\n", title_of(option.purpose));
    }
    text += config_line(option.name, option.value);
    previous = &option;
  }
  return text;
}

std::vector<OptionCost> costs_of_config(std::string_view config, std::string_view release) {
  std::vector<OptionCost> costs;
  for (const auto& option : kOptions) {
    const bool there_is = version_of_release(release) >= option.since;
    if (option.costs.empty() || !there_is ||
        kernels::config_has(config, fmt::format("CONFIG_{}", option.name)) == (option.value == "y")) {
      continue;
    }
    costs.push_back(cost_of(option));
  }
  std::ranges::stable_sort(costs, std::greater<>(), &OptionCost::rows);
  return costs;
}

}  // namespace probebench::tree
