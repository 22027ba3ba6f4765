// SPDX-License-Identifier: MIT
// The probebench that measures one side of a comparison, as a process of its own: another build speaks its
// own agent's language, and every visit begins fresh.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "cli/options.h"

namespace probebench {

struct SideProgram {
  std::string role;  // "base", "head"
  SideWish wish;
  std::filesystem::path program;
  std::filesystem::path agent;
  std::filesystem::path root;  // the checkout its module is built from

  // "kernel 6.1, mitigations=off"; "this build" when nothing was wished.
  std::string title() const;
};

// build=DIR is a checkout that was built, or a build directory in one.
Result<SideProgram> find_side_program(std::string role, const SideWish& wish);

// A run of that side into `output`; `filter` chooses cells, empty: those of the options.
Command side_command(const SideProgram& side, const Options& options, const std::filesystem::path& output,
                     const std::string& filter);

// The paths of hits of the cells that `filter` chooses, into `output`.
Command side_paths_command(const SideProgram& side, const Options& options,
                           const std::filesystem::path& output, const std::string& filter);

}  // namespace probebench
