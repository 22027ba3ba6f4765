// SPDX-License-Identifier: MIT
#include "kernels/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>
#include <vector>

#include "base/safe_path.h"
#include "base/stop.h"

namespace probebench::kernels {
namespace {

constexpr const char* kSpaceHint = "free some space or set XDG_CACHE_HOME to a directory that has it";
constexpr const char* kAccessHint = "set XDG_CACHE_HOME to a writable directory";

std::string hint_for(int err) {
  if (err == ENOSPC || err == EDQUOT) return kSpaceHint;
  if (err == EACCES || err == EROFS || err == EPERM || err == ENOTDIR) return kAccessHint;
  return {};
}

void remove_leftovers(const fs::path& cache, const fs::path& part) {
  std::error_code failure;
  std::vector<std::string> leftovers;
  for (const auto& entry : fs::directory_iterator(cache / part, failure)) {
    auto name = entry.path().filename().string();
    if (name.starts_with(kTemporaryPrefix)) leftovers.push_back(std::move(name));
  }
  // One that cannot be removed is in nobody's way.
  for (const auto& name : leftovers) static_cast<void>(remove_below(cache, part / name));
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
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
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

Result<ScratchDirectory> ScratchDirectory::make(const fs::path& cache, const fs::path& part) {
  if (auto made = make_directories(cache / part); !made) return made.error();
  remove_leftovers(cache, part);
  const auto parent = open_below(cache, part);
  if (!parent) return parent.error();
  fs::path own = part / temporary_name();
  if (::mkdirat(parent->get(), own.filename().c_str(), 0755) != 0) {
    return errno_error(Fault::infra, "create directory " + (cache / own).string(), hint_for(errno));
  }
  return ScratchDirectory(cache, std::move(own));
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : cache_(std::exchange(other.cache_, fs::path())), own_(std::exchange(other.own_, fs::path())) {}

ScratchDirectory& ScratchDirectory::operator=(ScratchDirectory&& other) noexcept {
  std::swap(cache_, other.cache_);
  std::swap(own_, other.own_);
  return *this;
}

ScratchDirectory::~ScratchDirectory() {
  if (!own_.empty()) static_cast<void>(remove_below(cache_, own_));
}

Status ScratchDirectory::publish(const std::string& name) {
  const auto taken = file_name_of(name, "a directory of the cache");
  if (!taken) return taken.error();
  const fs::path part = own_.parent_path();
  if (auto removed = remove_below(cache_, part / *taken); !removed) return removed;
  const auto parent = open_below(cache_, part);
  if (!parent) return parent.error();
  if (::renameat(parent->get(), own_.filename().c_str(), parent->get(), taken->c_str()) != 0) {
    return errno_error(Fault::infra,
                       fmt::format("rename {} to {}", path().string(), (cache_ / part / *taken).string()));
  }
  own_.clear();
  return Done{};
}

}  // namespace probebench::kernels
