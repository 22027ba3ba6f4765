// SPDX-License-Identifier: MIT
// What happened to the machine while it was measured: CPU time that the hypervisor gave to others, and what
// the kernel had to say.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace probebench::session {

class RunWatch {
 public:
  explicit RunWatch(std::filesystem::path root = "/");

  // One line for each thing worth a warning since the watch began.
  std::vector<std::string> warnings() const;

 private:
  // Of all CPUs, in the kernel's ticks.
  struct CpuTime {
    std::uint64_t all = 0;
    std::uint64_t stolen = 0;
  };
  std::optional<CpuTime> cpu_time() const;
  std::optional<std::string> steal_warning() const;
  std::optional<std::string> log_warning() const;

  std::filesystem::path root_;
  std::optional<CpuTime> began_;
  std::size_t log_lines_;
};

}  // namespace probebench::session
