// SPDX-License-Identifier: MIT
// What `bisect` and `series` do with each commit: check it out, build it, boot it, count.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "gate/side.h"
#include "gate/side_program.h"
#include "kernels/progress.h"
#include "tree/commit_build.h"
#include "tree/worktree.h"

namespace probebench::tree {

// Where commits come from and what is measured of them.
struct TreeRequest {
  fs::path repository;
  std::string build;            // a command for a shell, see tree/commit_build.h
  fs::path program_build;       // of probebench, that measures; empty: this one
  gate::SideSettings settings;  // the cells
  fs::path directory;           // exists; what was measured goes there
  fs::path work;  // source and O= directory, kept for the next time; empty: in `directory`, not kept
};

// One kernel is at hand at a time: the commit that was built last.
class CommitLab {
 public:
  static Result<CommitLab> open(const TreeRequest& request, const std::string& revision,
                                kernels::Progress& progress);
  CommitLab(CommitLab&&) = default;
  CommitLab& operator=(CommitLab&&) = delete;
  CommitLab(const CommitLab&) = delete;
  CommitLab& operator=(const CommitLab&) = delete;
  ~CommitLab();

  const Worktree& worktree() const { return worktree_; }
  // Why it does not build; empty: it did.
  Result<std::string> build(const Commit& commit) const;
  // The same of the source as it lies there now.
  Result<std::string> build_as_it_is(const std::string& what) const;
  // What was built last, into a folder of that name; `cells`: only these, with their paths.
  Result<gate::Side> measure(const std::string& name, const std::vector<std::string>& cells = {}) const;
  fs::path folder(const std::string& name) const { return request_.directory / name; }

 private:
  CommitLab(const TreeRequest& request, Worktree worktree, gate::SideProgram program, fs::path output,
            kernels::Progress& progress)
      : request_(request),
        worktree_(std::move(worktree)),
        program_(std::move(program)),
        output_(std::move(output)),
        progress_(progress) {}

  const TreeRequest& request_;
  Worktree worktree_;
  gate::SideProgram program_;
  fs::path output_;  // the O= directory; empty after a move
  kernels::Progress& progress_;
};

}  // namespace probebench::tree
