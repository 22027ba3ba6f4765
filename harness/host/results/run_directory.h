// SPDX-License-Identifier: MIT
// Where a run's files go: results/<run>/, or the directory that --output names.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/run_record.h"
#include "results/results_json.h"

namespace probebench::results {

// One run at a time: while an object or a copy of it lives, a second run is refused the same directory.
class RunDirectory {
 public:
  // A new directory below `results_root`. `results_root`/latest will point at it from the first results on.
  static Result<RunDirectory> create_under(const std::filesystem::path& results_root,
                                           std::chrono::system_clock::time_point started);
  // `output` itself, created if need be; files of an earlier run in it are removed. A link or a device under
  // such a file's name is the user's, and is neither removed nor written to.
  static Result<RunDirectory> create_at(const std::filesystem::path& output);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path results_path() const;
  // With several targets each has files of its own: benchmark-<label>.json. One target's label is empty.
  std::filesystem::path benchmark_path(std::string_view label = {}) const;
  std::filesystem::path guest_log_path(std::string_view label = {}) const;
  // Paths of hits: what was made of them, and, while they are recorded, the instructions themselves.
  std::filesystem::path anatomy_path() const;
  std::filesystem::path reproduce_path() const;
  std::filesystem::path predict_path() const;
  std::filesystem::path cost_path() const;
  std::filesystem::path paths_path(std::string_view label = {}) const;
  // The consoles that this run's targets left.
  std::vector<std::filesystem::path> guest_logs() const;

  // Replaces results.json; a reader sees the old one or the new one. Call it after every finished cell. A
  // directory that somebody has removed meanwhile is made again: what was measured is not lost with it.
  Status write(const RunRecord& record);
  // It was, and files other than results.json are gone.
  bool was_removed() const { return was_removed_; }
  // Writes benchmark.json from the pieces that arrived (see results/benchmark_json.h).
  Status write_benchmark(std::string pieces, ClockKind clock, std::string_view label = {}) const;

 private:
  RunDirectory(std::filesystem::path path, UniqueFd lock, bool publish)
      : path_(std::move(path)), lock_(std::make_shared<UniqueFd>(std::move(lock))), publish_(publish) {}
  Status make_again();
  Status publish_latest();

  std::filesystem::path path_;
  std::shared_ptr<const UniqueFd> lock_;
  GrowingResults results_;
  bool was_removed_ = false;
  bool publish_;  // `latest` does not point here yet, and shall
};

}  // namespace probebench::results
