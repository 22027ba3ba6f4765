// SPDX-License-Identifier: MIT
#include "kernel/environment.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string_view>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "kernel/arch.h"

namespace probebench::kernel {
namespace {

constexpr int kTries = 20;
constexpr std::chrono::milliseconds kInterval{50};

struct Instant {
  std::uint64_t ticks = 0;
  std::uint64_t ns = 0;
};

std::uint64_t raw_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// Both clocks at once: the try whose two readings of the TSC lie closest was disturbed least.
Instant read_both() {
  Instant best;
  std::uint64_t narrowest = UINT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t before = read_clock();
    const std::uint64_t ns = raw_ns();
    const std::uint64_t width = read_clock() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, ns};
  }
  return best;
}

constexpr int kChains = 3;
constexpr int kTurns = 1000;

// The loop's own two instructions run beside the chain, not in it.
std::uint64_t chain_ticks() {
  std::uint64_t sum = 0;
  const auto begin = begin_clock();
  for (int turn = 0; turn < kTurns; ++turn) run_chain(sum);
  return end_clock() - begin;
}

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
    if (key == "CPU implementer") add(facts, "cpu.vendor", value);
    if (key == "CPU part") add(facts, "cpu.model", value);
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

std::uint64_t measure_tsc_khz() {
  const auto begin = read_both();
  std::this_thread::sleep_for(kInterval);
  const auto end = read_both();
  return (end.ticks - begin.ticks) * 1'000'000 / (end.ns - begin.ns);
}

double ticks_per_core_clock() {
  std::uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < kChains; ++i) shortest = std::min(shortest, chain_ticks());
  return static_cast<double>(shortest) / (kTurns * kChainAdditions);
}

std::map<std::string, std::string> read_environment(const fs::path& root) {
  Facts facts;
  add_fact_files(facts, root);
  add_mitigations(facts, root);
  add_cpu(facts, root);
  add_foreign_probes(facts, root);
  return facts;
}

}  // namespace probebench::kernel
