// SPDX-License-Identifier: MIT
#include "base/quiet_cpu.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <set>
#include <sstream>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/text.h"

namespace probebench::inline base {
namespace {

constexpr std::array kIsolated{"sys/devices/system/cpu/isolated", "sys/devices/system/cpu/nohz_full",
                               "sys/fs/cgroup/cpuset.cpus.isolated"};
constexpr unsigned kMostCpus = CPU_SETSIZE;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value >= kMostCpus)
    return std::nullopt;
  return value;
}

Cpus cpus_of(const cpu_set_t& set) {
  Cpus cpus;
  for (unsigned cpu = 0; cpu < kMostCpus; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

bool stay_on(const Cpus& cpus) {
  cpu_set_t only;
  CPU_ZERO(&only);
  for (const auto cpu : cpus) CPU_SET(cpu, &only);
  return ::sched_setaffinity(0, sizeof only, &only) == 0;
}

Cpus common(Cpus one, const Cpus& other) {
  std::erase_if(one, [&](unsigned cpu) { return !std::ranges::binary_search(other, cpu); });
  return one;
}

using Ticks = std::map<unsigned, std::uint64_t>;

// As many as there are, if they are fewer.
Cpus quietest_of(Cpus candidates, std::size_t count, const Ticks& before, const Ticks& after) {
  Cpus chosen;
  while (chosen.size() < count && !candidates.empty()) {
    chosen.push_back(quietest(candidates, before, after));
    std::erase(candidates, chosen.back());
  }
  std::ranges::sort(chosen);
  return chosen;
}

std::map<unsigned, std::uint64_t> busy_ticks_now() {
  const auto stat = read_file("/proc/stat");
  return stat ? busy_ticks(*stat) : std::map<unsigned, std::uint64_t>();
}

Cpus watch(const Cpus& candidates, std::size_t count, std::chrono::milliseconds watched) {
  const auto before = busy_ticks_now();
  if (candidates.size() > count) std::this_thread::sleep_for(watched);
  return quietest_of(candidates, count, before, busy_ticks_now());
}

Result<cpu_set_t> allowed_cpus() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) == 0) return allowed;
  return errno_error(Fault::infra, "see which CPUs may be used");
}

}  // namespace

std::optional<Cpus> parse_cpu_list(std::string_view list) {
  std::set<unsigned> cpus;
  for (const auto part : split(trimmed(list), ',')) {
    const auto dash = part.find('-');
    const auto first = number(part.substr(0, dash));
    const auto last = dash == part.npos ? first : number(part.substr(dash + 1));
    if (!first || !last || *first > *last) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.insert(cpu);
  }
  return Cpus(cpus.begin(), cpus.end());
}

Cpus isolated_cpus(const std::filesystem::path& root) {
  std::set<unsigned> all;
  for (const char* file : kIsolated) {
    const auto list = read_file(root / file);
    const auto cpus =
        list ? parse_cpu_list(*list) : std::nullopt;  // "(null)" where the kernel has no such CPU
    if (cpus) all.insert(cpus->begin(), cpus->end());
  }
  return {all.begin(), all.end()};
}

// "cpu3 user nice system idle iowait irq softirq steal guest guest_nice"
std::map<unsigned, std::uint64_t> busy_ticks(std::string_view stat) {
  constexpr int kFields = 8;  // time of guests is part of user's
  constexpr int kIdle = 3;
  constexpr int kWaiting = 4;
  std::map<unsigned, std::uint64_t> busy;
  for (const auto line : split(stat, '\n')) {
    std::istringstream words{std::string(line)};
    std::string name;
    words >> name;
    const auto cpu = name.starts_with("cpu") ? number(std::string_view(name).substr(3)) : std::nullopt;
    if (!cpu) continue;
    std::uint64_t ticks = 0;
    for (int field = 0; field < kFields && words >> ticks; ++field) {
      if (field != kIdle && field != kWaiting) busy[*cpu] += ticks;
    }
  }
  return busy;
}

unsigned quietest(const Cpus& candidates, const std::map<unsigned, std::uint64_t>& before,
                  const std::map<unsigned, std::uint64_t>& after) {
  const auto did = [&](unsigned cpu) {
    const auto then = before.find(cpu);
    const auto now = after.find(cpu);
    return then == before.end() || now == after.end() ? UINT64_MAX : now->second - then->second;
  };
  unsigned best = candidates.front();
  for (const auto cpu : candidates) {
    if (did(cpu) <= did(best)) best = cpu;
  }
  return best;
}

Result<Cpus> quietest_cpus(std::size_t count, std::chrono::milliseconds watched) {
  return watch(cpus_of(TRY(allowed_cpus())), count, watched);
}

QuietCpu::QuietCpu(Cpus cpus, std::string why, const cpu_set_t& before)
    : cpus_(std::move(cpus)), why_(std::move(why)), before_(before) {}

QuietCpu::QuietCpu(QuietCpu&& other) noexcept
    : cpus_(std::move(other.cpus_)),
      why_(std::move(other.why_)),
      before_(other.before_),
      ours_(std::exchange(other.ours_, false)) {}

QuietCpu& QuietCpu::operator=(QuietCpu&& other) noexcept {
  std::swap(cpus_, other.cpus_);
  std::swap(why_, other.why_);
  std::swap(before_, other.before_);
  std::swap(ours_, other.ours_);
  return *this;
}

QuietCpu::~QuietCpu() {
  if (ours_) ::sched_setaffinity(0, sizeof before_, &before_);
}

Result<QuietCpu> QuietCpu::stay(const std::string& list, std::chrono::milliseconds watched,
                                std::size_t count) {
  const auto given = list.empty() ? std::nullopt : parse_cpu_list(list);
  const auto allowed = TRY(allowed_cpus());
  auto isolated = isolated_cpus();
  if (given) isolated = common(std::move(isolated), *given);
  for (const auto cpu : isolated) {
    if (count == 1 && stay_on({cpu})) return QuietCpu({cpu}, "isolated", allowed);
  }
  // What was named may lie outside of what a new process is given.
  const auto cpus = watch(given ? *given : cpus_of(allowed), count, watched);
  if (stay_on(cpus))
    return QuietCpu(cpus, given ? "the quietest of --cpu-list " + list : "the quietest", allowed);
  return errno_error(Fault::usage,
                     fmt::format("--cpu-list {}: measure on CPU {}", list, fmt::join(cpus, ",")));
}

}  // namespace probebench::inline base
