// SPDX-License-Identifier: MIT
// The cache directory: nobody else's to write to, changed by one run at a time, and nothing half-written
// under a name that is looked up.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <string>

#include "base/file.h"
#include "base/unique_fd.h"
#include "kernels/progress.h"

namespace probebench::kernels {

// Held while what has a name in the cache is looked up or put there, and not while the network is waited for;
// released by the destructor or the end of the process.
class CacheLock {
 public:
  // Opens the cache, see open_cache(). Waits for another run, saying so; a stop request ends the wait.
  static Result<CacheLock> acquire(const fs::path& cache, Progress& progress);

  const fs::path& cache() const { return cache_; }

 private:
  CacheLock(fs::path cache, UniqueFd fd) : cache_(std::move(cache)), fd_(std::move(fd)) {}
  fs::path cache_;
  UniqueFd fd_;
};

// A directory to prepare something in, beside where it will live, under a name that nobody can foresee.
// Removed unless it was published. What is removed lies below the cache, whatever links there are in it. It
// is made and published under the lock of the cache, and filled without.
class ScratchDirectory {
 public:
  // <cache>/<part>/.partial-<random>; what killed runs left behind there is removed first.
  static Result<ScratchDirectory> make(const CacheLock& lock, const fs::path& part);
  // Under a lock of its own, which is not held any longer: for what waits for the network or a guest.
  static Result<ScratchDirectory> make(const fs::path& cache, const fs::path& part, Progress& progress);
  // The same, and begins with what was published as `name`, if anything: nobody else has it until then.
  static Result<ScratchDirectory> take(const CacheLock& lock, const fs::path& part, const std::string& name);

  ScratchDirectory(ScratchDirectory&& other) noexcept;
  ScratchDirectory& operator=(ScratchDirectory&& other) noexcept;
  ~ScratchDirectory();

  const fs::path& cache() const { return cache_; }
  fs::path path() const { return cache_ / own_; }
  // Makes a directory below it. Fails where links lead out of it.
  Status make_inner(const fs::path& relative) const;
  // Renames the directory to <cache>/<part>/<name>, replacing what is there.
  Status publish(const CacheLock& lock, const std::string& name);
  // The same where there is none that `is_sound`: another process may have published its own meanwhile, and
  // works with it by now. This one goes then.
  Status publish_unless(const std::function<bool(const fs::path&)>& is_sound, const CacheLock& lock,
                        const std::string& name);

 private:
  ScratchDirectory(fs::path cache, fs::path own) : cache_(std::move(cache)), own_(std::move(own)) {}
  Status hold();
  fs::path cache_;
  fs::path own_;   // relative to the cache; empty: published
  UniqueFd held_;  // locked as long as somebody works in it, so that it is not taken for a leftover
};

// Creates the cache when it is missing. For root it has to be trustworthy: what is in it will be run as root,
// and written to the kernel's settings.
Status open_cache(const fs::path& cache);

// Why root shall not use the directory `path`; empty: it may. `user` is who asks.
std::string distrust_of(const struct stat& info, uid_t user);

// Creates the part of the cache. It is a directory in the cache, and no link to elsewhere.
Status make_part(const fs::path& cache, const fs::path& part);

// Removes of that part what was not written to for so long. Nothing that a run works with is as old as a day.
Status remove_unused(const fs::path& cache, const fs::path& part, std::chrono::hours unused);

// A file of the cache, and its content. What is no file, a link or larger than such a file can be is an
// error, and is not waited for.
Result<UniqueFd> open_cached(const fs::path& cache, const fs::path& relative);
Result<std::string> read_cached(const fs::path& cache, const fs::path& relative);

// Creates the directory and its parents; the error names it and what to do.
Status make_directories(const fs::path& directory);

// An infra error from a std::filesystem call.
Error filesystem_error(std::string what, const std::error_code& code);

}  // namespace probebench::kernels
