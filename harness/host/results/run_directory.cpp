// SPDX-License-Identifier: MIT
#include "results/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/file.h"
#include "results/benchmark_json.h"
#include "results/timestamp.h"

namespace probebench::results {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr std::string_view kResults = "results.json";
constexpr std::string_view kAnatomy = "anatomy.json";
constexpr std::string_view kReproduce = "reproduce.json";
constexpr std::string_view kPredict = "predict.json";
constexpr std::string_view kCost = "cost.json";
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

bool is_the_directory(const UniqueFd& fd, const fs::path& path) {
  struct stat held = {};
  struct stat named = {};
  return ::fstat(fd.get(), &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

// The directory itself is what is locked: no file is left in it, and the lock of a killed run ends with it.
Result<UniqueFd> lock(const fs::path& path, Fault fault, const std::string& hint) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error(fault, "open " + path.string(), hint);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return fd;
  if (errno != EWOULDBLOCK) return errno_error(Fault::infra, "lock " + path.string(), hint);
  return Error{Fault::infra, "write to " + path.string() + ": another run is writing there", 0,
               "wait for it to end, or " + hint};
}

// A run that left nothing removes its directory, perhaps just before it is locked here.
Result<UniqueFd> make_and_lock(const fs::path& path, const std::string& hint) {
  for (int attempt = 1;; ++attempt) {
    if (auto status = make_directories(path, Fault::usage, hint); !status) return status.take_error();
    if (::access(path.c_str(), W_OK | X_OK) != 0) {
      return errno_error(Fault::usage, "write to " + path.string(), hint);
    }
    auto fd = lock(path, Fault::usage, hint);
    if (!fd || is_the_directory(*fd, path) || attempt == kMaxSameName) return fd;
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
                      name == kCost || std::ranges::find(kReport, name) != kReport.end() ||
                      is_labelled(name, kPaths.first, kPaths.second) ||
                      is_labelled(name, kBenchmark.first, kBenchmark.second) ||
                      is_labelled(name, kGuestLog.first, kGuestLog.second);
    if (ours) files.push_back(entry.path());
  }
  return files;
}

// Nothing is removed when something is not the project's to remove.
Status remove_earlier_run(const fs::path& directory, const std::string& hint) {
  const auto files = files_of_a_run(directory);
  std::error_code ignored;
  for (const auto& old : files) {
    if (fs::symlink_status(old, ignored).type() == fs::file_type::regular) continue;
    return Error{Fault::usage, "write " + old.string() + ": it is there, and is no regular file", 0, hint};
  }
  for (const auto& old : files) {
    if (::unlink(old.c_str()) != 0 && errno != ENOENT) {
      return errno_error(Fault::usage, "remove the earlier run's " + old.string(), hint);
    }
  }
  return Done{};
}

}  // namespace

Result<RunDirectory> RunDirectory::create_under(const fs::path& results_root,
                                                std::chrono::system_clock::time_point started) {
  const std::string hint = "pass --output DIR to write elsewhere";
  if (auto status = make_directories(results_root, Fault::infra, hint); !status) return status.take_error();
  const std::string name = fmt::format("{}-{}", compact_utc(started), ::getpid());
  auto path = make_unique_directory(results_root / name, hint);
  if (!path) return path.take_error();
  auto held = lock(*path, Fault::infra, hint);
  if (!held) return held.take_error();
  return RunDirectory(*std::move(path), *std::move(held), /*publish=*/true);
}

Result<RunDirectory> RunDirectory::create_at(const fs::path& output) {
  const std::string hint = "choose another directory for --output";
  auto held = make_and_lock(output, hint);
  if (!held) return held.take_error();
  if (auto removed = remove_earlier_run(output, hint); !removed) return removed.take_error();
  return RunDirectory(output, *std::move(held), /*publish=*/false);
}

Status RunDirectory::make_again() {
  if (is_the_directory(*lock_, path_)) return Done{};
  const std::string hint = "nothing else of the run is kept";
  was_removed_ = true;
  if (::mkdir(path_.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return errno_error(Fault::infra,
                       fmt::format("make {} again, which was removed during the run", path_.string()), hint);
  }
  lock_ = std::make_shared<UniqueFd>(TRY(lock(path_, Fault::infra, hint)));
  return Done{};
}

Status RunDirectory::write(const RunRecord& record) {
  const auto text = results_.text(record);
  constexpr int kTries = 3;  // it may go at any moment
  for (int attempt = 1;; ++attempt) {
    TRY(make_again());
    auto written = write_file_atomic(results_path(), text);
    if (written) break;
    if (written.error().err != ENOENT || attempt == kTries) return written;
  }
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

fs::path RunDirectory::cost_path() const {
  return path_ / kCost;
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

Status RunDirectory::write_benchmark(std::string pieces, ClockKind clock, std::string_view label) const {
  const auto whole = TRY(complete_benchmark_json(std::move(pieces)));
  return write_file_atomic(benchmark_path(label), TRY(readable_benchmark_json(whole, clock)));
}

// rename() replaces the old link in one step: `latest` is never missing.
Status RunDirectory::publish_latest() {
  const fs::path latest = path_.parent_path() / "latest";
  const fs::path fresh = latest.parent_path() / temporary_name();
  if (::symlink(path_.filename().c_str(), fresh.c_str()) != 0) {
    return errno_error(Fault::infra, "point " + latest.string() + " at " + path_.string());
  }
  if (::rename(fresh.c_str(), latest.c_str()) != 0) {
    auto error = errno_error(Fault::infra, "point " + latest.string() + " at " + path_.string());
    ::unlink(fresh.c_str());
    return error;
  }
  publish_ = false;
  return Done{};
}

}  // namespace probebench::results
