// SPDX-License-Identifier: MIT
// A tool of the user's and all processes that it has started: run, stopped, ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cost/keeper.h"

namespace probebench::cost {

// User processes below the process `ancestor`, which is none of them; threads of the kernel are none.
std::set<pid_t> processes_below(pid_t ancestor, const std::filesystem::path& root = "/");

// "12345 678 9" -> 12345; the first figure of /proc/PID/schedstat.
std::uint64_t cpu_ns_of(const std::string& schedstat);

// A line in which a tool says that it lost events; empty: it has none.
std::string line_on_losses(const std::string& output);

// The destructor ends whatever of it is left.
class Tool {
 public:
  // Its output goes to a file that only this reads. `keeper`, where there is one, ends it if we cannot.
  static Result<Tool> start(const std::vector<std::string>& command, const Keeper* keeper = nullptr);

  Tool(Tool&& other) noexcept;
  Tool& operator=(Tool&&) = delete;
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;
  ~Tool();

  // How it ended, in words; nothing while it lives.
  std::optional<std::string> ended();
  void stop() const;
  void go_on() const;
  // Of all its processes, those that have ended left out.
  std::uint64_t cpu_ns() const;
  std::string output() const;
  // SIGINT, and when that does not end it, SIGKILL. False: it had to be killed.
  bool end();

 private:
  Tool(pid_t pid, std::set<pid_t> others, UniqueFd output, const Keeper* keeper)
      : pid_(pid), group_(pid), others_(std::move(others)), output_(std::move(output)), keeper_(keeper) {}
  void signal_all(int number) const;
  std::set<pid_t> processes() const;
  void reap();

  pid_t pid_ = -1;  // 0: it has ended by itself; -1: nothing of it is left, or it was moved from
  pid_t group_ = 0;
  std::set<pid_t> others_;  // of ours, that were there before it
  UniqueFd output_;
  const Keeper* keeper_;  // null: there is none
  int status_ = 0;
};

}  // namespace probebench::cost
