// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace probebench::workload {

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

 private:
  explicit Partner(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

// How a program ended.
struct Ended {
  int exit_code = 0;  // 128 + signal when a signal ended it
};

// fork, execve, and waiting for the end. Its output goes nowhere. A program that cannot be started, or that
// runs longer than the timeout (then it is killed), is an error.
Result<Ended> run_program(const std::vector<std::string>& argv, std::chrono::seconds timeout);

// The same without any watch over it: nothing but the three calls.
Result<Ended> run_program(const std::vector<std::string>& argv);

}  // namespace probebench::workload
