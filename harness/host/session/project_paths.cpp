// SPDX-License-Identifier: MIT
#include "session/project_paths.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>

namespace probebench::session {
namespace {

namespace fs = std::filesystem;

bool holds_project(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / "kmod" / "Kbuild", ignored);
}

bool writable(const fs::path& path) {
  return ::access(path.c_str(), W_OK) == 0;
}

// `cmake --install` leaves no sources.
bool is_checkout(const fs::path& root) {
  std::error_code ignored;
  return fs::exists(root / "CMakeLists.txt", ignored);
}

// An installed project is not for results, even where root could write them.
fs::path results_of(const fs::path& root) {
  fs::path own = root / "results";
  if (!is_checkout(root)) return fs::current_path() / "results";
  if (writable(own) || (!fs::exists(own) && writable(root))) return own;
  return fs::current_path() / "results";
}

}  // namespace

fs::path root_above(fs::path directory) {
  while (!holds_project(directory) && directory.has_relative_path()) directory = directory.parent_path();
  return directory;
}

Result<ProjectPaths> find_project() {
  std::error_code failure;
  const fs::path self = fs::read_symlink("/proc/self/exe", failure);
  if (failure) return Error{Fault::infra, "read /proc/self/exe", failure.value(), {}};
  const char* told = std::getenv("PROBEBENCH_ROOT");
  const fs::path root = told != nullptr ? fs::path(told) : root_above(self.parent_path());
  if (!holds_project(root)) {
    return Error{Fault::infra, "the project's directory is not above " + self.string(), 0,
                 "start probebench with ./run-bench"};
  }
  const fs::path built = self.parent_path();
  return ProjectPaths{root, built / "probebench-agent", built, results_of(root)};
}

fs::path ProjectPaths::agent_for(ArchId arch) const {
  return arch == kOwnArch ? agent : fs::path(agent.string() + "-" + std::string(info_of(arch).name));
}

std::string ProjectPaths::way_to_agent(ArchId arch) const {
  if (is_checkout(root)) return "./run-bench builds it; or ci/arm64-agent " + agent.parent_path().string();
  return fmt::format("it is built from source: --arch {} needs a checkout, and its ./run-bench",
                     info_of(arch).name);
}

fs::path ProjectPaths::root_of_agent(ArchId arch) const {
  return arch == kOwnArch ? fs::path() : agent.parent_path() / ("root-" + std::string(info_of(arch).name));
}

std::vector<fs::path> folders_of_run(const fs::path& named) {
  if (named.empty() || named.is_absolute()) return {};
  std::error_code ignored;
  std::vector<fs::path> folders{fs::current_path(ignored)};
  if (*named.begin() != "results") return folders;
  const auto project = find_project();
  if (project && project->root != folders.front()) folders.push_back(project->root);
  return folders;
}

fs::path named_run(const fs::path& named) {
  const auto folders = folders_of_run(named);
  std::error_code ignored;
  if (folders.size() < 2 || fs::exists(named, ignored)) return named;
  fs::path elsewhere = folders.back() / named;
  return fs::exists(elsewhere, ignored) ? elsewhere : named;
}

Result<results::RunDirectory> run_directory(const fs::path& output,
                                            std::chrono::system_clock::time_point started) {
  if (!output.empty()) return results::RunDirectory::create_at(output);
  const auto project = TRY(find_project());
  return results::RunDirectory::create_under(project.results, started);
}

}  // namespace probebench::session
