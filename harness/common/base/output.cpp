// SPDX-License-Identifier: MIT
#include "base/output.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <optional>

#include "base/stop.h"

namespace probebench::inline base {
namespace {

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

}  // namespace

Status write_output(const fs::path& path, std::string_view content) {
  const auto place = followed(path);
  if (!place) return place.error();
  return is_replaced(*place) ? write_file_atomic(*place, content) : write_into(*place, content);
}

Status check_output(const fs::path& path) {
  const auto refused = [&](int err) { return Error{Fault::usage, path.string(), err, {}}; };
  const auto place = followed(path);
  if (!place) return refused(place.error().err);
  std::error_code ignored;
  if (fs::is_directory(*place, ignored)) return refused(EISDIR);
  const bool replaced = is_replaced(*place);
  const auto asked = replaced ? folder_of(*place) : *place;
  if (::access(asked.c_str(), replaced ? W_OK | X_OK : W_OK) != 0) return refused(errno);
  return Done{};
}

}  // namespace probebench::inline base
