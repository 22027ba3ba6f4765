// SPDX-License-Identifier: MIT
// What --base and --head say of one side of a measured comparison.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::gate {

// What is empty is as everywhere.
struct RequestedSide {
  std::string kernel = {};             // --base kernel=6.1
  std::filesystem::path headers = {};  // --base headers=DIR: where modules are built for that kernel
  std::filesystem::path build = {};    // --base build=DIR
  std::string kernel_args = {};        // --base arg=mitigations=off
  std::string cpu = {};                // --base cpu=EPYC-Milan
  std::string handler = {};            // --base handler=count
  std::filesystem::path probe = {};    // --base probe=./old.bpf.o: a BPF object, or a module or its source
};

// Of the words that `option` was given, one NAME=VALUE each. Errors are usage errors.
Result<RequestedSide> requested_side(std::string_view option, const std::vector<std::string>& words,
                                     std::string_view target);

}  // namespace probebench::gate
