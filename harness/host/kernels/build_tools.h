// SPDX-License-Identifier: MIT
// The programs that come with a kernel's headers (fixdep, modpost, objtool, ...) and pahole. Those of a newer
// suite want a newer C library than this machine has: they then run with their own suite's loader and
// libraries, which lie beside them in the unpacked root. Nothing is installed and nothing is patched.
#pragma once

#include <chrono>

#include "base/file.h"

namespace probebench::kernels {

// How long a tool may take to name its version, or to do as little.
constexpr std::chrono::seconds kToolDeadline{30};

// Whether the tools below <root>/usr/lib/linux-kbuild-* run on this machine as they are.
Result<bool> tools_run_here(const fs::path& root);

// Puts a script in the place of every such program that starts it with the root's own loader. The root holds
// the packages of tool_packages(), and may be moved afterwards.
Status wrap_tools(const fs::path& root);

// The root's dynamic loader, relative to it.
Result<fs::path> loader_of(const fs::path& root);

// The root's pahole; empty when it has none.
fs::path pahole_of(const fs::path& root);

}  // namespace probebench::kernels
