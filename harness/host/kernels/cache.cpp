// SPDX-License-Identifier: MIT
#include "kernels/cache.h"

#include <fcntl.h>
#include <sys/file.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/stop.h"

namespace probebench::kernels {
namespace {

constexpr std::string_view kPartial = ".partial-";
constexpr const char* kSpaceHint = "free some space or set XDG_CACHE_HOME to a directory that has it";
constexpr const char* kAccessHint = "set XDG_CACHE_HOME to a writable directory";

std::string hint_for(int err) {
  if (err == ENOSPC || err == EDQUOT) return kSpaceHint;
  if (err == EACCES || err == EROFS || err == EPERM || err == ENOTDIR) return kAccessHint;
  return {};
}

void remove_leftovers(const fs::path& parent) {
  std::error_code failure;
  std::vector<fs::path> leftovers;
  for (const auto& entry : fs::directory_iterator(parent, failure)) {
    if (entry.path().filename().string().starts_with(kPartial)) leftovers.push_back(entry.path());
  }
  for (const auto& path : leftovers) fs::remove_all(path, failure);
}

}  // namespace

Error filesystem_error(std::string what, const std::error_code& code) {
  return {Fault::infra, std::move(what), code.value(), hint_for(code.value())};
}

Status make_directories(const fs::path& directory) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) return filesystem_error("create directory " + directory.string(), failure);
  return Done{};
}

Result<CacheLock> CacheLock::acquire(const fs::path& cache, Progress& progress) {
  if (auto made = make_directories(cache); !made) return made.error();
  const fs::path path = cache / "lock";
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "open " + path.string(), hint_for(errno));
  bool told = false;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno_error(Fault::infra, "lock " + path.string());
    if (stop_requested()) return Error{Fault::interrupted, "interrupted waiting for the cache", 0, {}};
    if (!told) progress.step("waiting for another run that uses the cache");
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return CacheLock(std::move(fd));
}

Result<ScratchDirectory> ScratchDirectory::make(const fs::path& parent) {
  remove_leftovers(parent);
  fs::path path = parent / (std::string(kPartial) + std::to_string(::getpid()));
  if (auto made = make_directories(path); !made) return made.error();
  return ScratchDirectory(std::move(path));
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : path_(std::exchange(other.path_, fs::path())) {}

ScratchDirectory& ScratchDirectory::operator=(ScratchDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code failure;
  if (!path_.empty()) fs::remove_all(path_, failure);
}

Status ScratchDirectory::publish(const fs::path& final_path) {
  std::error_code failure;
  fs::remove_all(final_path, failure);
  fs::rename(path_, final_path, failure);
  if (failure) return filesystem_error("rename " + path_.string() + " to " + final_path.string(), failure);
  path_.clear();
  return Done{};
}

}  // namespace probebench::kernels
