// SPDX-License-Identifier: MIT
// Names that users spell and that this kernel does not have: what it has that is like them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::offer {

inline constexpr const char* kTracefsRoot = "/sys/kernel/tracing/";

// "did you mean": the nearest of `known`, else `otherwise`.
std::string suggestion(const std::string& name, const std::vector<std::string>& known,
                       std::string_view otherwise);

// "find vfs_raed: not in this kernel; did you mean vfs_read". `where` is a module or empty.
Error no_function(const std::string& name, const std::string& where = {});
// Whether the kernel has a function of this name; where nobody may know, it has.
bool has_function(const std::string& name);

// "sched:sched_switch"
Status check_event(const std::string& name);

// A file of tracefs, named from there on. One that a kernel may be built without is an unsupported error.
Status check_tracefs_file(const std::string& file, const std::filesystem::path& root = kTracefsRoot);

// The last lines of tracefs' error_log, in one: why it refused what was written last. Empty: it does not say.
std::string last_refusal(std::string_view error_log);

}  // namespace probebench::offer
