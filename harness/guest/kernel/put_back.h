// SPDX-License-Identifier: MIT
// What is changed in the kernel, and put back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/placement.h"

namespace probebench::kernel {

// A kernel setting changed for a while. The destructor writes the original value back.
class ScopedSetting {
 public:
  // Changes nothing when the setting has the value already.
  static Result<ScopedSetting> set(const std::filesystem::path& path, const std::string& value);

  ScopedSetting() = default;
  ScopedSetting(ScopedSetting&& other) noexcept;
  ScopedSetting& operator=(ScopedSetting&& other) noexcept;
  ScopedSetting(const ScopedSetting&) = delete;
  ScopedSetting& operator=(const ScopedSetting&) = delete;
  ~ScopedSetting();

 private:
  std::filesystem::path path_;
  std::string original_;  // empty: nothing to restore
};

// Puts debug.kprobes-optimization where a probe type needs it. Kernels without CONFIG_OPTPROBES have no such
// setting, and are "off".
Result<ScopedSetting> set_optimization(Optimization wanted, const std::filesystem::path& root = "/");

// What tracefs has of ours: trace events whose group, and instances whose name begins with `prefix`. Names
// are probebench_<pid> (trace_name()); of all processes, with that prefix: probebench_.
std::vector<std::string> trace_leftovers(const std::string& prefix, const std::filesystem::path& root = "/");

// Removes the instances and events of processes that are gone; returns what it removed. What belongs to a
// running process, or to nobody of ours, stays.
std::vector<std::string> remove_trace_leftovers(const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
