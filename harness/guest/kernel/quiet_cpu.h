// SPDX-License-Identifier: MIT
// Which CPU of a running machine is measured: one that the kernel keeps free of others, else the one that
// does least.
#pragma once

#include <sched.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::kernel {

using Cpus = std::vector<unsigned>;  // ascending, each once

// "0-3,7", as the kernel writes and taskset reads it; nothing: it is no such list.
std::optional<Cpus> parse_cpu_list(std::string_view list);

// CPUs that the scheduler balances nothing onto: isolcpus=, nohz_full=, and isolated partitions of cpusets.
Cpus isolated_cpus(const std::filesystem::path& root = "/");

// What each CPU did, in clock ticks since boot (proc(5), /proc/stat), without idling.
std::map<unsigned, std::uint64_t> busy_ticks(std::string_view stat);

// The one of `candidates` that did least between the two; of those that did equally little, the last, since
// CPU 0 has most of the interrupts.
unsigned quietest(const Cpus& candidates, const std::map<unsigned, std::uint64_t>& before,
                  const std::map<unsigned, std::uint64_t>& after);

// Keeps this thread, and those that it starts, on one CPU until it goes.
class QuietCpu {
 public:
  // Of `list`, if that is not empty, else of all that there are. Watches them for so long where none is
  // isolated.
  static Result<QuietCpu> stay(const std::string& list, std::chrono::milliseconds watched);

  QuietCpu(QuietCpu&& other) noexcept;
  QuietCpu& operator=(QuietCpu&& other) noexcept;
  QuietCpu(const QuietCpu&) = delete;
  QuietCpu& operator=(const QuietCpu&) = delete;
  ~QuietCpu();

  unsigned cpu() const { return cpu_; }
  const std::string& why() const { return why_; }  // "isolated"

 private:
  QuietCpu(unsigned cpu, std::string why, const cpu_set_t& before);

  unsigned cpu_;
  std::string why_;
  cpu_set_t before_;
  bool ours_ = true;
};

}  // namespace probebench::kernel
