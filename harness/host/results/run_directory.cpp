// SPDX-License-Identifier: MIT
#include "results/run_directory.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/file.h"
#include "results/benchmark_json.h"
#include "results/results_json.h"
#include "results/timestamp.h"

namespace probebench::results {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr std::string_view kResults = "results.json";
constexpr std::string_view kAnatomy = "anatomy.json";
constexpr std::string_view kReproduce = "reproduce.json";
constexpr std::string_view kPredict = "predict.json";
constexpr std::array<std::string_view, 2> kReport{"report.html", "report.md"};
constexpr std::pair<std::string_view, std::string_view> kBenchmark{"benchmark", ".json"};
constexpr std::pair<std::string_view, std::string_view> kGuestLog{"guest", ".log"};
constexpr std::pair<std::string_view, std::string_view> kPaths{"paths", ".txt"};
constexpr int kMaxSameName = 100;

// Like `mkdir -p`; errno says what failed.
Status make_directories(const fs::path& path, Fault fault, const std::string& hint) {
  std::error_code failure;
  fs::create_directories(path, failure);
  if (failure) return Error{fault, "create " + path.string(), failure.value(), hint};
  return Done{};
}

// Two runs of one second and one process id are possible when containers share a directory.
Result<fs::path> make_unique_directory(const fs::path& wanted, const std::string& hint) {
  for (int attempt = 1;; ++attempt) {
    const fs::path path = attempt == 1 ? wanted : fs::path(fmt::format("{}-{}", wanted.string(), attempt));
    if (::mkdir(path.c_str(), kDirectoryMode) == 0) return path;
    if (errno != EEXIST || attempt == kMaxSameName) {
      return errno_error(Fault::infra, "create " + path.string(), hint);
    }
  }
}

// "guest", "6.1.0-56", ".log" -> "guest-6.1.0-56.log"
std::string labelled(std::string_view stem, std::string_view label, std::string_view suffix) {
  return fmt::format("{}{}{}{}", stem, label.empty() ? "" : "-", label, suffix);
}

bool is_labelled(std::string_view name, std::string_view stem, std::string_view suffix) {
  if (!name.starts_with(stem) || !name.ends_with(suffix) || name.size() < stem.size() + suffix.size())
    return false;
  return name.size() == stem.size() + suffix.size() || name[stem.size()] == '-';
}

// What an earlier run left in the directory.
std::vector<fs::path> files_of_a_run(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(directory, absent)) {
    const auto name = entry.path().filename().string();
    const bool ours = name == kResults || name == kAnatomy || name == kReproduce || name == kPredict ||
                      std::ranges::find(kReport, name) != kReport.end() ||
                      is_labelled(name, kPaths.first, kPaths.second) ||
                      is_labelled(name, kBenchmark.first, kBenchmark.second) ||
                      is_labelled(name, kGuestLog.first, kGuestLog.second);
    if (ours) files.push_back(entry.path());
  }
  return files;
}

}  // namespace

Result<RunDirectory> RunDirectory::create_under(const fs::path& results_root,
                                                std::chrono::system_clock::time_point started) {
  const std::string hint = "pass --output DIR to write elsewhere";
  if (auto status = make_directories(results_root, Fault::infra, hint); !status) return status.take_error();
  const std::string name = fmt::format("{}-{}", compact_utc(started), ::getpid());
  auto path = make_unique_directory(results_root / name, hint);
  if (!path) return path.take_error();
  return RunDirectory(*std::move(path), /*publish=*/true);
}

Result<RunDirectory> RunDirectory::create_at(const fs::path& output) {
  const std::string hint = "choose another directory for --output";
  if (auto status = make_directories(output, Fault::usage, hint); !status) return status.take_error();
  if (::access(output.c_str(), W_OK | X_OK) != 0) {
    return errno_error(Fault::usage, "write to " + output.string(), hint);
  }
  RunDirectory directory(output, /*publish=*/false);
  for (const auto& old : files_of_a_run(output)) {
    if (::unlink(old.c_str()) != 0 && errno != ENOENT) {
      return errno_error(Fault::usage, "remove the earlier run's " + old.string(), hint);
    }
  }
  return directory;
}

Status RunDirectory::write(const RunRecord& record) {
  if (auto status = write_file_atomic(results_path(), write_results(record)); !status) return status;
  return publish_ ? publish_latest() : Done{};
}

fs::path RunDirectory::anatomy_path() const {
  return path_ / kAnatomy;
}

fs::path RunDirectory::reproduce_path() const {
  return path_ / kReproduce;
}

fs::path RunDirectory::predict_path() const {
  return path_ / kPredict;
}

fs::path RunDirectory::paths_path(std::string_view label) const {
  return path_ / labelled(kPaths.first, label, kPaths.second);
}

fs::path RunDirectory::results_path() const {
  return path_ / kResults;
}

fs::path RunDirectory::benchmark_path(std::string_view label) const {
  return path_ / labelled(kBenchmark.first, label, kBenchmark.second);
}

std::vector<fs::path> RunDirectory::guest_logs() const {
  auto files = files_of_a_run(path_);
  std::erase_if(files, [](const auto& file) { return file.extension() != kGuestLog.second; });
  return files;
}

fs::path RunDirectory::guest_log_path(std::string_view label) const {
  return path_ / labelled(kGuestLog.first, label, kGuestLog.second);
}

Status RunDirectory::write_benchmark(std::string pieces, std::string_view label) const {
  auto text = complete_benchmark_json(std::move(pieces));
  if (!text) return text.take_error();
  return write_file_atomic(benchmark_path(label), *text);
}

// rename() replaces the old link in one step: `latest` is never missing.
Status RunDirectory::publish_latest() {
  const fs::path latest = path_.parent_path() / "latest";
  const fs::path fresh = fmt::format("{}.partial.{}", latest.string(), ::getpid());
  ::unlink(fresh.c_str());  // left by a process of the same id that was killed here
  if (::symlink(path_.filename().c_str(), fresh.c_str()) != 0 ||
      ::rename(fresh.c_str(), latest.c_str()) != 0) {
    auto error = errno_error(Fault::infra, "point " + latest.string() + " at " + path_.string());
    ::unlink(fresh.c_str());
    return error;
  }
  publish_ = false;
  return Done{};
}

}  // namespace probebench::results
