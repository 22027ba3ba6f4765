// SPDX-License-Identifier: MIT
// What `bisect` and `series` do alike: commits of a kernel tree, and what is measured of each.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "cli/command.h"
#include "kernels/progress.h"
#include "plan/plan_options.h"
#include "tree/commit_lab.h"

namespace probebench::cli {

struct TreeOptions {
  plan::PlanOptions plan;
  std::filesystem::path tree;           // a git repository
  std::string build;                    // a command; empty: make, from the fragment
  std::filesystem::path work;           // empty: not kept
  std::filesystem::path program_build;  // of probebench; empty: this one
  std::filesystem::path output;         // empty: results/<run>
  bool quiet = false;
};

void add_tree_options(CLI::App& app, TreeOptions& options);
// Errors are usage errors.
Status check_tree(const TreeOptions& options);

using TreeWork = std::function<Result<CommandResult>(const tree::TreeRequest&, kernels::Progress&)>;

// Does `work` in a directory of its own.
Result<CommandResult> with_tree(const TreeOptions& options, const TreeWork& work);

}  // namespace probebench::cli
