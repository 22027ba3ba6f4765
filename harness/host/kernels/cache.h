// SPDX-License-Identifier: MIT
// The cache directory: one user at a time, and nothing half-written under a name that is looked up.
#pragma once

#include "base/file.h"
#include "base/unique_fd.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// Held while the cache is read or changed; released by the destructor or the end of the process.
class CacheLock {
 public:
  // Creates the cache when it is missing. Waits for another run, saying so; a stop request ends the wait.
  static Result<CacheLock> acquire(const fs::path& cache, Progress& progress);

 private:
  explicit CacheLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

// A directory to prepare something in, beside where it will live. Removed unless it was published.
class ScratchDirectory {
 public:
  // <parent>/.partial-<pid>; what an earlier run left behind in `parent` is removed first, so the caller
  // must hold the lock.
  static Result<ScratchDirectory> make(const fs::path& parent);

  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&& other) noexcept;
  ~ScratchDirectory();

  const fs::path& path() const { return path_; }
  // Renames the directory to `final_path`, replacing what is there.
  Status publish(const fs::path& final_path);

 private:
  explicit ScratchDirectory(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// Creates the directory and its parents; the error names it and what to do.
Status make_directories(const fs::path& directory);

// An infra error from a std::filesystem call.
Error filesystem_error(std::string what, const std::error_code& code);

}  // namespace probebench::kernels
