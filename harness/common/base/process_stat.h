// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probebench::inline base {

// Process id and start name a process for good.
struct ProcessStat {
  std::uint64_t started_ticks = 0;  // clock ticks after boot
  std::uint64_t pid = 0;
  std::string name;  // the first 15 bytes of its program's

  bool began_before(const ProcessStat& other) const {
    return started_ticks != other.started_ticks ? started_ticks < other.started_ticks : pid < other.pid;
  }
};

// From the text of /proc/PID/stat (proc(5)). Nothing: it is none, or the process has ended and waits for its
// parent.
std::optional<ProcessStat> running_process(std::string_view stat);

}  // namespace probebench::inline base
