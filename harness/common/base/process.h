// SPDX-License-Identifier: MIT
// Child processes: started without a shell, bounded by a deadline, ended by id when their owner goes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/confinement.h"
#include "base/result.h"
#include "base/unique_fd.h"

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

// For how long the thread of that process that waited longest could have run while others did (proc(5),
// schedstat). 0 where the kernel does not tell.
std::chrono::nanoseconds waited_for_a_cpu(pid_t pid, const std::filesystem::path& proc = "/proc");

// One of our descriptors, and its number in the child.
struct PassedFd {
  int ours = -1;
  int theirs = -1;  // from 3 on
};

struct Command {
  std::vector<std::string> argv;              // argv[0] is looked up on PATH
  std::filesystem::path directory = {};       // working directory; empty: inherited
  std::vector<std::string> environment = {};  // NAME=value, in place of inherited ones
  std::vector<PassedFd> passed = {};          // beside the standard ones; all others of ours are closed
  std::optional<Confinement> confinement = {};
  int input = -1;  // descriptor that becomes standard input; -1: /dev/null
};

// How a finished child ended and what it printed (stdout and stderr in one text, in order).
struct Finished {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string output;
};

// A running child, in a process group of its own so that a terminal's Ctrl-C reaches only us: we decide how
// the child ends. The destructor ends the child (SIGTERM, then SIGKILL) and reaps it.
class Child {
 public:
  // `stdout_fd` and `stderr_fd` become the child's; -1 means /dev/null. Standard input is the command's.
  static Result<Child> start(const Command& command, int stdout_fd, int stderr_fd);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  pid_t pid() const { return pid_; }
  // True when the child has ended; `exit_code` is then set.
  bool poll_exit(int& exit_code);
  // Ends the child and waits for it.
  void end();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

// Looks at a running command about once a second; an error ends the command and is what run_command()
// returns.
using Watch = std::function<Status()>;

// Runs a command to its end. A deadline that passes ends it and is an infra error; a request to stop
// (see base/stop.h) is an interrupted error. A command that cannot be found is an infra error with
// err = ENOENT. A non-zero exit code is not an error here.
Result<Finished> run_command(const Command& command, std::chrono::seconds deadline, const Watch& watch = {});

// True when the program is found on PATH (or is a path to an executable file).
bool program_exists(const std::string& name);

}  // namespace probebench::inline base
