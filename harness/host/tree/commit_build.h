// SPDX-License-Identifier: MIT
// A commit of a kernel's repository, built by the user's command or as the fragment of kernel-config says.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace probebench::tree {

struct BuildSettings {
  std::string command;           // for a shell, in the source; empty: make, from the fragment
  std::filesystem::path source;  // what is checked out
  std::filesystem::path output;  // the O= directory, which make finds in KBUILD_OUTPUT
  std::filesystem::path log;     // what the builds said
  std::string fragment = {};     // of the configuration; empty: that of kernel-config
};

// Why it did not build, the last line of what was said; empty: it did. An error: the command could not be run
// at all.
Result<std::string> build_commit(const BuildSettings& settings);

}  // namespace probebench::tree
