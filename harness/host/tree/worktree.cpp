// SPDX-License-Identifier: MIT
#include "tree/worktree.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/process.h"
#include "base/text.h"

namespace probebench::tree {
namespace {

constexpr std::chrono::seconds kGitDeadline{600};  // a checkout of a kernel on a slow disk
constexpr std::size_t kShortId = 12;               // as the kernel's documentation asks for

Command git_command(const fs::path& directory, const std::vector<std::string>& words) {
  Command command{.argv = {"git", "-C", directory.string(), "-c", "advice.detachedHead=false"},
                  .environment = {"LC_ALL=C"}};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

Result<Finished> run_git(const fs::path& directory, const std::vector<std::string>& words) {
  return run_command(git_command(directory, words), kGitDeadline);
}

Error git_error(const fs::path& directory, const std::vector<std::string>& words, std::string_view output) {
  return {Fault::infra,
          fmt::format("git -C {} {}: {}", directory.string(), words.front(), last_line(output)),
          0,
          {}};
}

Status must_git(const fs::path& directory, const std::vector<std::string>& words) {
  const auto done = TRY(run_git(directory, words));
  if (done.exit_code == 0) return Done{};
  return git_error(directory, words, done.output);
}

// While the program ends: a request to stop does not stop this.
void git_at_the_end(const fs::path& directory, const std::vector<std::string>& words) {
  auto child = Child::start(git_command(directory, words), -1, -1);
  int exit_code = 0;
  for (int tries = 0; child && tries < 600 && !child->poll_exit(exit_code); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

bool is_worktree(const fs::path& place) {
  std::error_code none;
  return fs::is_regular_file(place / ".git", none);
}

}  // namespace

std::string Commit::title() const {
  return fmt::format("{} (\"{}\")", id.substr(0, kShortId), subject);
}

Result<Commit> find_commit(const fs::path& repository, const std::string& revision) {
  const auto done = TRY(run_git(repository, {"log", "-1", "--format=%H %s", "--end-of-options", revision}));
  const auto line = first_line(done.output);
  const auto blank = line.find(' ');
  if (done.exit_code == 0 && blank != std::string_view::npos) {
    return Commit{std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))};
  }
  return Error{Fault::usage, fmt::format("find revision {} in {}: {}", revision, repository.string(), line),
               0, "name a commit of a git repository"};
}

Result<std::vector<Commit>> commits_in(const fs::path& repository, const std::string& range) {
  const auto done =
      TRY(run_git(repository, {"log", "--reverse", "--format=%H %s", "--end-of-options", range}));
  if (done.exit_code != 0) {
    return Error{Fault::usage,
                 fmt::format("list {} in {}: {}", range, repository.string(), first_line(done.output)), 0,
                 "BASE..HEAD, commits of that repository"};
  }
  std::vector<Commit> commits;
  for (const auto line : split(done.output, '\n')) {
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    commits.push_back({std::string(line.substr(0, blank)), std::string(line.substr(blank + 1))});
  }
  return commits;
}

Result<Worktree> Worktree::make(const fs::path& repository, const fs::path& place,
                                const std::string& revision, bool keeps) {
  if (!is_worktree(place)) {
    std::error_code none;
    fs::create_directories(place.parent_path(), none);
    TRY(must_git(repository, {"worktree", "prune"}));
    TRY(must_git(repository, {"worktree", "add", "--detach", fs::absolute(place).string(), revision}));
  }
  Worktree worktree(repository, fs::absolute(place), keeps);
  TRY(worktree.check_out(revision));
  return worktree;
}

Worktree::Worktree(Worktree&& other) noexcept
    : repository_(std::move(other.repository_)),
      place_(std::exchange(other.place_, {})),
      keeps_(other.keeps_) {}

Worktree::~Worktree() {
  if (place_.empty()) return;
  git_at_the_end(place_, {"bisect", "reset", "HEAD"});
  if (keeps_) {
    // As the commit has them, not as a build or a padding left them.
    git_at_the_end(place_, {"checkout", "--quiet", "--force", "HEAD", "--"});
    return;
  }
  git_at_the_end(repository_, {"worktree", "remove", "--force", place_.string()});
}

Status Worktree::check_out(const std::string& revision) const {
  return must_git(place_, {"checkout", "--quiet", "--force", "--detach", revision});
}

Result<std::pair<int, std::string>> Worktree::git(const std::vector<std::string>& words) const {
  auto done = TRY(run_git(place_, words));
  return std::pair(done.exit_code, std::move(done.output));
}

}  // namespace probebench::tree
