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

// A directory to prepare something in, beside where it will live. Removed unless it was published. What is
// removed lies below the cache, whatever links there are in it.
class ScratchDirectory {
 public:
  // <cache>/<part>/.partial-<random>; what an earlier run left behind there is removed first, so the caller
  // must hold the lock.
  static Result<ScratchDirectory> make(const fs::path& cache, const fs::path& part);

  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&& other) noexcept;
  ~ScratchDirectory();

  fs::path path() const { return cache_ / own_; }
  // Renames the directory to <cache>/<part>/<name>, replacing what is there.
  Status publish(const std::string& name);

 private:
  ScratchDirectory(fs::path cache, fs::path own) : cache_(std::move(cache)), own_(std::move(own)) {}
  fs::path cache_;
  fs::path own_;  // relative to the cache; empty: published
};

// Creates the directory and its parents; the error names it and what to do.
Status make_directories(const fs::path& directory);

// An infra error from a std::filesystem call.
Error filesystem_error(std::string what, const std::error_code& code);

}  // namespace probebench::kernels
