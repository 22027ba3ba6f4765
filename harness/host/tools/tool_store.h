// SPDX-License-Identifier: MIT
// Programs of another Debian release than this machine's, from the packages of its mirror: a newer bpftrace
// for the guest, for example. Nothing is installed.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "kernels/progress.h"
#include "kernels/target_paths.h"

namespace probebench::tools {

struct ToolRequest {
  std::string command;  // "perf"
  std::string suite;    // "trixie"
  std::string package;  // "linux-perf"
};

// The package that has a command: that of its own name, but for the few that are known to be elsewhere.
std::string package_of(std::string_view command);

// "trixie", or "trixie:linux-perf" where the package has another name than package_of() knows. Errors are
// usage errors.
Result<ToolRequest> parse_from(std::string_view from, std::string_view command);

struct Tool {
  fs::path program;     // on this machine, below `root`
  fs::path root;        // the unpacked packages: it and all that it depends on
  std::string version;  // "bpftrace 0.23.2-1 of trixie"
};

// From the cache, <cache>/tools/<suite>.<package>; what is not there, or damaged, is fetched.
Result<Tool> provide_tool(const ToolRequest& request, const kernels::TargetPaths& paths,
                          kernels::Progress& progress);

}  // namespace probebench::tools
