// SPDX-License-Identifier: MIT
// Which CPU of a running machine is measured, or runs what is measured: one that the kernel keeps free of
// others, else the one that does least.
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

namespace probebench::inline base {

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

// Those that do least of all that we may use, one each, watched for so long. As many as there are, if they
// are fewer than `count`.
Result<Cpus> quietest_cpus(std::size_t count, std::chrono::milliseconds watched);

// Keeps this thread, and threads and processes that it starts, on one CPU, or on so many, until it goes.
class QuietCpu {
 public:
  // Of `list`, if that is not empty, else of all that there are. Watches them for so long where none is
  // isolated. Several are never isolated ones: there the scheduler would leave all threads on the first.
  static Result<QuietCpu> stay(const std::string& list, std::chrono::milliseconds watched,
                               std::size_t count = 1);

  QuietCpu(QuietCpu&& other) noexcept;
  QuietCpu& operator=(QuietCpu&& other) noexcept;
  QuietCpu(const QuietCpu&) = delete;
  QuietCpu& operator=(const QuietCpu&) = delete;
  ~QuietCpu();

  const Cpus& cpus() const { return cpus_; }
  const std::string& why() const { return why_; }  // "isolated"

 private:
  QuietCpu(Cpus cpus, std::string why, const cpu_set_t& before);

  Cpus cpus_;
  std::string why_;
  cpu_set_t before_;
  bool ours_ = true;
};

}  // namespace probebench::inline base
