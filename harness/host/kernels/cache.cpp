// SPDX-License-Identifier: MIT
#include "kernels/cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

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

// Locks a directory of the cache for the one who works in it. Without a descriptor, errno says why: a link is
// none, and EWOULDBLOCK says that somebody does.
UniqueFd hold_directory(const fs::path& cache, const fs::path& relative) {
  const auto parent = open_below(cache, relative.parent_path());
  if (!parent) {
    errno = parent.error().err;
    return UniqueFd();
  }
  UniqueFd fd(
      ::openat(parent->get(), relative.filename().c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) fd.reset();
  return fd;
}

bool is_in_use(const fs::path& cache, const fs::path& relative) {
  return !hold_directory(cache, relative) && errno == EWOULDBLOCK;
}

// The lock of a run that was killed has ended with it.
void remove_leftovers(const fs::path& cache, const fs::path& part) {
  std::error_code failure;
  std::vector<std::string> leftovers;
  for (const auto& entry : fs::directory_iterator(cache / part, failure)) {
    auto name = entry.path().filename().string();
    if (name.starts_with(kTemporaryPrefix)) leftovers.push_back(std::move(name));
  }
  for (const auto& name : leftovers) {
    // One that cannot be removed is in nobody's way.
    if (!is_in_use(cache, part / name)) static_cast<void>(remove_below(cache, part / name));
  }
}

Status rename_in(const fs::path& cache, const fs::path& part, const std::string& from,
                 const std::string& to) {
  const auto directory = TRY(open_below(cache, part));
  if (::renameat(directory.get(), from.c_str(), directory.get(), to.c_str()) == 0) return Done{};
  return errno_error(Fault::infra, fmt::format("rename {} to {}", (cache / part / from).string(), to),
                     hint_for(errno));
}

// A lock that is no file, or a link, is somebody's mistake or trap: it is not opened.
Result<UniqueFd> open_lock(const fs::path& path) {
  struct stat info = {};
  if (::lstat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return Error{Fault::infra, "lock the cache: " + path.string() + " is no regular file", 0, "remove it"};
  }
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "open " + path.string(), hint_for(errno));
  return fd;
}

}  // namespace

Error filesystem_error(std::string what, const std::error_code& code) {
  return {Fault::infra, std::move(what), code.value(), hint_for(code.value())};
}

// Not fs::create_directories(): whatever the umask is, others shall not be let in.
Status make_directories(const fs::path& directory) {
  fs::path at;
  for (const auto& part : directory) {
    at /= part;
    std::error_code unknown;
    if (::mkdir(at.c_str(), 0755) == 0) continue;
    const std::error_code failure(errno == EEXIST ? ENOTDIR : errno, std::generic_category());
    if (fs::is_directory(at, unknown)) continue;
    return filesystem_error("create directory " + directory.string(), failure);
  }
  return Done{};
}

std::string distrust_of(const struct stat& info, uid_t user) {
  if (info.st_uid != 0 && info.st_uid != user) {
    return fmt::format("it belongs to user {} (mode {:04o})", info.st_uid, info.st_mode & 07777);
  }
  const bool shared = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (info.st_mode & S_ISVTX) == 0;
  return shared ? fmt::format("others may write to it (mode {:04o})", info.st_mode & 07777) : "";
}

Status open_cache(const fs::path& cache) {
  TRY(make_directories(cache));
  if (::geteuid() != 0) return Done{};
  std::error_code unlisted;
  std::vector<fs::path> places{cache};
  for (const auto& entry : fs::directory_iterator(cache, unlisted)) {
    if (entry.symlink_status(unlisted).type() == fs::file_type::directory) places.push_back(entry.path());
  }
  for (const auto& place : places) {
    struct stat info = {};
    if (::stat(place.c_str(), &info) != 0) continue;  // gone since
    const auto why = distrust_of(info, ::geteuid());
    if (!why.empty()) {
      return Error{Fault::infra, fmt::format("use cache {} as root: {}", place.string(), why), 0,
                   fmt::format("chown root {0} && chmod go-w {0}, or set XDG_CACHE_HOME to a directory that "
                               "only root may write to",
                               place.string())};
    }
  }
  return Done{};
}

Status make_part(const fs::path& cache, const fs::path& part) {
  TRY(make_directories(cache / part));
  const auto opened = open_below(cache, part);
  if (opened) return Done{};
  return Error{Fault::infra, opened.error().what, opened.error().err,
               "remove " + (cache / part).string() + ", or set XDG_CACHE_HOME to another directory"};
}

Status remove_unused(const fs::path& cache, const fs::path& part, std::chrono::hours unused) {
  const auto oldest = fs::file_time_type::clock::now() - unused;
  std::vector<fs::path> old;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(cache / part, failure)) {
    const auto written = entry.last_write_time(failure);
    if (!failure && written < oldest) old.push_back(part / entry.path().filename());
  }
  for (const auto& name : old) TRY(remove_below(cache, name));
  return Done{};
}

Result<UniqueFd> open_cached(const fs::path& cache, const fs::path& relative) {
  constexpr off_t kLargest = 256 << 20;
  const std::string what = "read " + (cache / relative).string();
  const auto parent = open_below(cache, relative.parent_path());
  if (!parent) return Error{Fault::infra, what, parent.error().err, {}};
  UniqueFd fd(
      ::openat(parent->get(), relative.filename().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat info = {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return errno_error(Fault::infra, what);
  if (!S_ISREG(info.st_mode)) return Error{Fault::infra, what + ": it is no file", 0, {}};
  if (info.st_size > kLargest) return Error{Fault::infra, what, EFBIG, {}};
  return fd;
}

Result<std::string> read_cached(const fs::path& cache, const fs::path& relative) {
  const auto fd = TRY(open_cached(cache, relative));
  return read_file(fmt::format("/proc/self/fd/{}", fd.get()));
}

Result<CacheLock> CacheLock::acquire(const fs::path& cache, Progress& progress) {
  TRY(open_cache(cache));
  const fs::path path = cache / "lock";
  auto fd = TRY(open_lock(path));
  bool told = false;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return errno_error(Fault::infra, "lock " + path.string());
    if (stop_requested()) return Error{Fault::interrupted, "interrupted waiting for the cache", 0, {}};
    if (!told) progress.step("waiting for another run that uses the cache");
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return CacheLock(cache, std::move(fd));
}

Status ScratchDirectory::hold() {
  held_ = hold_directory(cache_, own_);
  if (!held_) return errno_error(Fault::infra, "lock directory " + path().string());
  return Done{};
}

Result<ScratchDirectory> ScratchDirectory::make(const fs::path& cache, const fs::path& part,
                                                Progress& progress) {
  const auto lock = TRY(CacheLock::acquire(cache, progress));
  return make(lock, part);
}

Result<ScratchDirectory> ScratchDirectory::make(const CacheLock& lock, const fs::path& part) {
  TRY(make_part(lock.cache(), part));
  remove_leftovers(lock.cache(), part);
  const auto parent = TRY(open_below(lock.cache(), part));
  fs::path own = part / temporary_name();
  if (::mkdirat(parent.get(), own.filename().c_str(), 0755) != 0) {
    return errno_error(Fault::infra, "create directory " + (lock.cache() / own).string(), hint_for(errno));
  }
  ScratchDirectory scratch(lock.cache(), std::move(own));
  TRY(scratch.hold());
  return scratch;
}

Result<ScratchDirectory> ScratchDirectory::take(const CacheLock& lock, const fs::path& part,
                                                const std::string& name) {
  const auto taken = TRY(file_name_of(name, "a directory of the cache"));
  auto scratch = make(lock, part);
  if (!scratch || !hold_directory(lock.cache(), part / taken)) return scratch;
  // An empty directory may be replaced by another.
  if (auto moved = rename_in(lock.cache(), part, taken, scratch->own_.filename()); !moved)
    return moved.error();
  TRY(scratch->hold());
  return scratch;
}

ScratchDirectory::ScratchDirectory(ScratchDirectory&& other) noexcept
    : cache_(std::exchange(other.cache_, fs::path())),
      own_(std::exchange(other.own_, fs::path())),
      held_(std::move(other.held_)) {}

ScratchDirectory& ScratchDirectory::operator=(ScratchDirectory&& other) noexcept {
  std::swap(cache_, other.cache_);
  std::swap(own_, other.own_);
  std::swap(held_, other.held_);
  return *this;
}

ScratchDirectory::~ScratchDirectory() {
  if (!own_.empty()) static_cast<void>(remove_below(cache_, own_));
}

Status ScratchDirectory::make_inner(const fs::path& relative) const {
  const fs::path inner = own_ / relative;
  for (auto at = own_; const auto& part : relative) {
    const auto parent = TRY(open_below(cache_, at));
    if (::mkdirat(parent.get(), part.c_str(), 0755) != 0 && errno != EEXIST) {
      return errno_error(Fault::infra, "create directory " + (cache_ / at / part).string(), hint_for(errno));
    }
    at /= part;
  }
  const auto opened = open_below(cache_, inner);
  return opened ? Status(Done{}) : Status(opened.error());
}

Status ScratchDirectory::publish(const CacheLock& lock, const std::string& name) {
  const auto taken = TRY(file_name_of(name, "a directory of the cache"));
  const fs::path part = own_.parent_path();
  TRY(remove_below(lock.cache(), part / taken));
  TRY(rename_in(lock.cache(), part, own_.filename(), taken));
  own_.clear();
  held_.reset();
  return Done{};
}

Status ScratchDirectory::publish_unless(const std::function<bool(const fs::path&)>& is_sound,
                                        const CacheLock& lock, const std::string& name) {
  const auto taken = TRY(file_name_of(name, "a directory of the cache"));
  const auto there = lock.cache() / own_.parent_path() / taken;
  std::error_code none;
  if (fs::is_directory(fs::symlink_status(there, none)) && is_sound(there)) return Done{};
  return publish(lock, name);
}

}  // namespace probebench::kernels
