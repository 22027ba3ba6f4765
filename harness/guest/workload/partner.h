// SPDX-License-Identifier: MIT
// What a work has of its own beside itself: a directory, another process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace probebench::workload {

// A directory for one work's files; the destructor removes it with all that is in it.
class Scratch {
 public:
  static Result<Scratch> make();

  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&& other) noexcept;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  explicit Scratch(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;  // empty: moved from
};

// A process of ours; the destructor ends it and waits for it.
class Partner {
 public:
  // Runs `body` in a copy of this process, which then ends.
  static Result<Partner> run(const std::function<void()>& body);

  Partner(Partner&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Partner& operator=(Partner&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;
  ~Partner();

  bool has_ended() const;

 private:
  explicit Partner(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

// The exit code of a process that could not become its program, as shells have it.
inline constexpr int kCannotStart = 127;

// The words as execve(2) takes them; they refer to the strings.
std::vector<char*> pointers_to(const std::vector<std::string>& words);

// This process's standard streams.
void lead_streams_to(int fd);

// How a program ended.
struct Ended {
  int exit_code = 0;  // 128 + signal when a signal ended it
  int signal = 0;     // 0: it ended by itself
};

// Does something with the process that will be the program, which waits meanwhile.
using Prepare = std::function<Status(pid_t)>;

// fork, execve, and waiting for the end. Its output goes nowhere. A program that cannot be started, or that
// runs longer than the timeout (then it is killed), is an error.
Result<Ended> run_program(const std::vector<std::string>& argv, std::chrono::seconds timeout,
                          const Prepare& prepare = {});

// The same without any watch over it: nothing but the three calls. An exit code of 127 counts as a program
// that cannot be started.
Result<Ended> run_program(const std::vector<std::string>& argv);

}  // namespace probebench::workload
