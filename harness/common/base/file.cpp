// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/stop.h"

namespace probebench::inline base {
namespace {

// Fails where something has this name already, be it a link that leads elsewhere.
Result<UniqueFd> create_new(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "create " + path.string());
  return fd;
}

constexpr int kMostLinks = 40;  // as the kernel has it

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// /dev/stdout, /dev/fd/3, /proc/self/fd/3: a descriptor of this process. Opening the file anew would begin at
// its start, and a socket cannot be opened at all.
std::optional<int> descriptor_of(const fs::path& path) {
  std::error_code failure;
  if (fs::canonical(folder_of(path), failure) != fmt::format("/proc/{}/fd", ::getpid())) return std::nullopt;
  const auto name = path.filename().string();
  int fd = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), fd);
  if (parsed.ec != std::errc() || parsed.ptr != name.data() + name.size()) return std::nullopt;
  return fd;
}

// Where the links at the end of `path` lead, be there something or not.
Result<fs::path> followed(const fs::path& path) {
  fs::path at = path;
  for (int links = 0; links <= kMostLinks; ++links) {
    std::error_code no_link;
    if (descriptor_of(at)) return at;
    const auto target = fs::read_symlink(at, no_link);
    if (no_link) return at;
    at = folder_of(at) / target;
  }
  return Error{Fault::infra, "write " + path.string(), ELOOP, {}};
}

// A FIFO is opened when its reader comes; a stop request ends the wait.
UniqueFd open_to_write(const fs::path& path) {
  for (;;) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (fd || errno != EINTR || stop_requested()) return fd;
  }
}

Status write_into(const fs::path& path, std::string_view content) {
  const auto own = descriptor_of(path);
  if (own) return write_all(*own, content, path);
  const auto fd = open_to_write(path);
  if (!fd) return errno_error(Fault::infra, "write " + path.string());
  return write_all(fd.get(), content, path);
}

bool is_replaced(const fs::path& path) {
  struct stat info = {};
  if (descriptor_of(path)) return false;
  return ::stat(path.c_str(), &info) != 0 || S_ISREG(info.st_mode);
}

// What a file says of its own size is no reason to run out of memory.
std::size_t reserved_for(off_t size) {
  constexpr off_t kMost = 256 << 20;
  return static_cast<std::size_t>(std::min(size, kMost));
}

}  // namespace

std::string temporary_name() {
  std::uint64_t number = 0;
  // A guest that has just booted would wait for its randomness; a kernel of before 5.6 does not know the
  // flag.
  if (::getrandom(&number, sizeof number, GRND_INSECURE) != sizeof number &&
      ::getrandom(&number, sizeof number, 0) != sizeof number) {
    number = static_cast<std::uint64_t>(::getpid());  // O_EXCL still holds
  }
  return fmt::format("{}{:016x}", kTemporaryPrefix, number);
}

Status write_all(int fd, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error(Fault::infra, "write " + path.string());
    content.remove_prefix(static_cast<size_t>(put));
  }
  return Done{};
}

Result<std::string> read_file(const fs::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, "open " + path.string());
  std::string content;
  // The string of a file of 80 MB is copied whenever it grows. Files of /proc say 0.
  struct stat info = {};
  if (::fstat(fd.get(), &info) == 0 && info.st_size > 0) content.reserve(reserved_for(info.st_size));
  std::array<char, 1 << 16> buffer;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(Fault::infra, "read " + path.string());
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<size_t>(got));
  }
}

Status write_file_atomic(const fs::path& path, std::string_view content) {
  const fs::path partial = path.parent_path() / temporary_name();
  auto fd = create_new(partial);
  if (!fd) return Error{Fault::infra, "create " + path.string(), fd.error().err, {}};
  if (auto status = write_all(fd->get(), content, path); !status) {
    ::unlink(partial.c_str());
    return status;
  }
  fd->reset();
  if (::rename(partial.c_str(), path.c_str()) != 0) {
    auto error = errno_error(Fault::infra, "write " + path.string());
    ::unlink(partial.c_str());
    return error;
  }
  return Done{};
}

Result<UniqueFd> memory_file(const char* name, std::string_view content) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, std::string("create memory file ") + name);
  TRY(write_all(fd.get(), content, name));
  return fd;
}

Status write_setting(const fs::path& path, std::string_view value) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::cell, "open " + path.string());
  auto status = write_all(fd.get(), value, path);
  if (!status) return Error{Fault::cell, status.error().what, status.error().err, {}};
  return status;
}

Status write_output(const fs::path& path, std::string_view content) {
  const auto place = TRY(followed(path));
  return is_replaced(place) ? write_file_atomic(place, content) : write_into(place, content);
}

Status check_output(const fs::path& path) {
  const auto refused = [&](int err) { return Error{Fault::usage, path.string(), err, {}}; };
  const auto place = followed(path);
  if (!place) return refused(place.error().err);
  std::error_code ignored;
  if (fs::is_directory(*place, ignored)) return refused(EISDIR);
  if (!is_replaced(*place)) return ::access(place->c_str(), W_OK) == 0 ? Status(Done{}) : refused(errno);
  // Tried: /proc says of itself that root may write there.
  const auto made = folder_of(*place) / temporary_name();
  if (const auto fd = create_new(made); !fd) return refused(fd.error().err);
  ::unlink(made.c_str());
  return Done{};
}

}  // namespace probebench::inline base
