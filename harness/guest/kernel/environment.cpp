// SPDX-License-Identifier: MIT
#include "kernel/environment.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/file.h"
#include "base/lines.h"
#include "base/split.h"

namespace probebench::kernel {
namespace {

using Facts = std::map<std::string, std::string>;

struct FactFile {
  std::string_view name;
  std::string_view path;
};

// Files whose whole content, less the line end, is the fact.
constexpr std::array kFactFiles{
    FactFile{"kernel.release", "proc/sys/kernel/osrelease"},
    FactFile{"kernel.version", "proc/sys/kernel/version"},
    FactFile{"kernel.cmdline", "proc/cmdline"},
    FactFile{"kernel.tainted", "proc/sys/kernel/tainted"},
    FactFile{"clocksource", "sys/devices/system/clocksource/clocksource0/current_clocksource"},
    FactFile{"governor", "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
    FactFile{"no_turbo", "sys/devices/system/cpu/intel_pstate/no_turbo"},
    FactFile{"smt", "sys/devices/system/cpu/smt/control"},
    FactFile{"cpus.online", "sys/devices/system/cpu/online"},
    FactFile{"bpf.jit_enable", "proc/sys/net/core/bpf_jit_enable"},
    FactFile{"bpf.jit_harden", "proc/sys/net/core/bpf_jit_harden"},
    FactFile{"bpf.stats_enabled", "proc/sys/kernel/bpf_stats_enabled"},
    FactFile{"kprobes.optimization", "proc/sys/debug/kprobes-optimization"},
    FactFile{"ftrace.enabled", "proc/sys/kernel/ftrace_enabled"},
    FactFile{"tracer", "sys/kernel/tracing/current_tracer"},
};

void add(Facts& facts, const std::string& name, std::string_view value) {
  if (const auto text = trimmed(value); !text.empty()) facts[name] = text;
}

void add_fact_files(Facts& facts, const fs::path& root) {
  for (const auto& file : kFactFiles) {
    if (const auto content = read_file(root / file.path)) add(facts, std::string(file.name), *content);
  }
}

void add_mitigations(Facts& facts, const fs::path& root) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root / "sys/devices/system/cpu/vulnerabilities", error)) {
    if (const auto content = read_file(entry.path())) {
      add(facts, "mitigations." + entry.path().filename().string(), *content);
    }
  }
}

// The first processor's entry speaks for all.
void add_cpu(Facts& facts, const fs::path& root) {
  const auto cpuinfo = read_file(root / "proc/cpuinfo");
  if (!cpuinfo) return;
  for (const auto line : split(*cpuinfo, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) break;
    const auto key = trimmed(line.substr(0, colon));
    const auto value = line.substr(colon + 1);
    if (key == "vendor_id") add(facts, "cpu.vendor", value);
    if (key == "model name") add(facts, "cpu.model", value);
    if (key == "microcode") add(facts, "cpu.microcode", value);
    if (key == "flags" && value.find(" hypervisor") != std::string_view::npos) facts["hypervisor"] = "yes";
  }
}

// Probes that were there before us change what a hit costs.
void add_foreign_probes(Facts& facts, const fs::path& root) {
  const auto list = read_file(root / "sys/kernel/debug/kprobes/list");
  if (!list) return;
  facts["kprobes.foreign"] = std::to_string(std::ranges::count(*list, '\n'));
}

}  // namespace

std::map<std::string, std::string> read_environment(const fs::path& root) {
  Facts facts;
  add_fact_files(facts, root);
  add_mitigations(facts, root);
  add_cpu(facts, root);
  add_foreign_probes(facts, root);
  return facts;
}

}  // namespace probebench::kernel
