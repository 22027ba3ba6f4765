// SPDX-License-Identifier: MIT
// A working directory of a git repository that is ours alone: the user's own stays as it is, with any
// bisection that runs there.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace probebench::tree {

namespace fs = std::filesystem;

struct Commit {
  std::string id;  // 40 digits
  std::string subject;

  // "0123456789ab (\"subject\")", as commit messages name commits.
  std::string title() const;
};

// Usage errors name the revision.
Result<Commit> find_commit(const fs::path& repository, const std::string& revision);
// Of "BASE..HEAD", without BASE, oldest first.
Result<std::vector<Commit>> commits_in(const fs::path& repository, const std::string& range);

class Worktree {
 public:
  // At `place`, where one of an earlier time may be. `keeps`: it stays when the object goes.
  static Result<Worktree> make(const fs::path& repository, const fs::path& place, const std::string& revision,
                               bool keeps);
  Worktree(Worktree&& other) noexcept;
  Worktree& operator=(Worktree&&) = delete;
  Worktree(const Worktree&) = delete;
  Worktree& operator=(const Worktree&) = delete;
  // Ends a bisection, and removes the directory unless it is kept; whatever ended the program's work.
  ~Worktree();

  const fs::path& path() const { return place_; }
  Status check_out(const std::string& revision) const;
  Result<Commit> head() const { return find_commit(place_, "HEAD"); }
  // `git WORDS`: its exit code and what it said, in English.
  Result<std::pair<int, std::string>> git(const std::vector<std::string>& words) const;

 private:
  Worktree(fs::path repository, fs::path place, bool keeps)
      : repository_(std::move(repository)), place_(std::move(place)), keeps_(keeps) {}

  fs::path repository_;
  fs::path place_;
  bool keeps_;
};

}  // namespace probebench::tree
