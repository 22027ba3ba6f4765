// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace probebench::kernel {

// What tracefs has of ours: trace events whose group, and instances whose name begins with `prefix`. Names
// are probebench_<pid> (trace_name()); of all processes, with that prefix: probebench_.
std::vector<std::string> trace_leftovers(const std::string& prefix, const std::filesystem::path& root = "/");

// Removes the instances and events of processes that are gone; returns what it removed. What belongs to a
// running process, or to nobody of ours, stays.
std::vector<std::string> remove_trace_leftovers(const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
