// SPDX-License-Identifier: MIT
#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <array>
#include <cstdint>

namespace probebench::inline base {
namespace {

// Fails where something has this name already, be it a link that leads elsewhere.
Result<UniqueFd> create_new(const fs::path& path) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return errno_error(Fault::infra, "create " + path.string());
  return fd;
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
  UniqueFd fd(::memfd_create(name, 0));
  if (!fd) return errno_error(Fault::infra, std::string("create memory file ") + name);
  if (auto status = write_all(fd.get(), content, name); !status) return status.error();
  return fd;
}

Status write_setting(const fs::path& path, std::string_view value) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error(Fault::cell, "open " + path.string());
  auto status = write_all(fd.get(), value, path);
  if (!status) return Error{Fault::cell, status.error().what, status.error().err, {}};
  return status;
}

}  // namespace probebench::inline base
