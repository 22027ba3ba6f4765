// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace probebench::kernel {

// The facts of the running kernel and machine, by name (docs/results-schema.md lists them). A fact that
// cannot be read is absent. `root` stands before every path, so that captured trees can be read in tests.
std::map<std::string, std::string> read_environment(const std::filesystem::path& root = "/");

}  // namespace probebench::kernel
