// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::kernel {

// A perf event that counts what this process and those it starts from now on do. Where the kernel has no such
// event, the error is an unsupported one with its errno.
class EventCounter {
 public:
  // "sched:sched_switch"
  static Result<EventCounter> of_event(const std::string& name);
  static Result<EventCounter> of_function(const std::string& function, std::uint64_t offset);
  static Result<EventCounter> of_file(const std::filesystem::path& file, std::uint64_t offset);

  Result<std::uint64_t> read() const;

 private:
  explicit EventCounter(UniqueFd event) : event_(std::move(event)) {}

  UniqueFd event_;
};

}  // namespace probebench::kernel
