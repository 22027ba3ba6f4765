// SPDX-License-Identifier: MIT
#include "tree/commit_lab.h"

#include <fmt/format.h>

#include "gate/side_run.h"

namespace probebench::tree {

Result<CommitLab> CommitLab::open(const TreeRequest& request, const std::string& revision,
                                  kernels::Progress& progress) {
  const auto work = fs::absolute(request.work.empty() ? request.directory / "work" : request.work);
  const auto output = work / "build";
  // The slash says that it is no name of the catalog.
  auto program = TRY(
      gate::find_side_program("commit", {.kernel = output.string() + "/", .build = request.program_build}));
  auto worktree = TRY(Worktree::make(request.repository, work / "source", revision, !request.work.empty()));
  return CommitLab(request, std::move(worktree), std::move(program), output, progress);
}

CommitLab::~CommitLab() {
  std::error_code none;
  if (!output_.empty() && request_.work.empty()) fs::remove_all(output_, none);
}

Result<std::string> CommitLab::build(const Commit& commit) const {
  TRY(worktree_.check_out(commit.id));
  return build_as_it_is(commit.title());
}

Result<std::string> CommitLab::build_as_it_is(const std::string& what) const {
  progress_.step("building " + what);
  return build_commit(
      {.command = request_.build, .source = worktree_.path(), .output = output_, .log = folder("build.log")});
}

Result<gate::Side> CommitLab::measure(const std::string& name, const std::vector<std::string>& cells) const {
  progress_.step("measuring " + name);
  if (cells.empty()) return gate::run_side(program_, request_.settings, folder(name), {});
  return gate::run_side_paths(program_, request_.settings, folder(name), gate::filter_for(cells));
}

}  // namespace probebench::tree
