// SPDX-License-Identifier: MIT
#include "base/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <memory>
#include <vector>

namespace probebench::inline base {
namespace {

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

UniqueFd open_by_openat2(int root, const fs::path& relative) {
  open_how how{};
  how.flags = kDirectoryFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root, relative.c_str(), &how, sizeof how)));
}

// The names in a directory.
Result<std::vector<std::string>> entries_of(int directory) {
  UniqueFd own(::openat(directory, ".", kDirectoryFlags));
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(own ? ::fdopendir(own.get()) : nullptr, ::closedir);
  if (stream == nullptr) return errno_error(Fault::infra, "read a directory");
  own.release();  // closedir() closes it
  std::vector<std::string> names;
  while (const auto* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return names;
}

// Each level costs a descriptor; a kernel's packages have about twelve.
constexpr int kDeepest = 128;

Status remove_entry(int directory, const char* name, int depth) {
  if (::unlinkat(directory, name, 0) == 0 || errno == ENOENT) return Done{};
  if (errno != EISDIR) return errno_error(Fault::infra, std::string("remove ") + name);
  if (depth == kDeepest) return Error{Fault::infra, std::string("remove ") + name, ELOOP, {}};
  const UniqueFd inner(::openat(directory, name, kDirectoryFlags | O_NOFOLLOW));
  if (!inner) return errno_error(Fault::infra, std::string("remove ") + name);
  const auto names = entries_of(inner.get());
  if (!names) return names.error();
  for (const auto& one : *names) {
    if (auto removed = remove_entry(inner.get(), one.c_str(), depth + 1); !removed) return removed;
  }
  if (::unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return Done{};
  return errno_error(Fault::infra, std::string("remove ") + name);
}

}  // namespace

UniqueFd open_part_by_part(int root, const fs::path& relative) {
  UniqueFd at(::openat(root, ".", kDirectoryFlags));
  for (const auto& part : relative) {
    if (part == ".." || relative.is_absolute()) {
      errno = EXDEV;
      return UniqueFd();
    }
    UniqueFd next(::openat(at.get(), part.c_str(), kDirectoryFlags | O_NOFOLLOW));
    if (!next) return next;
    at = std::move(next);
  }
  return at;
}

Result<UniqueFd> open_below(const fs::path& root, const fs::path& relative) {
  const UniqueFd top(::open(root.c_str(), kDirectoryFlags));
  if (!top) return errno_error(Fault::infra, "open " + root.string());
  const fs::path way = relative.empty() ? fs::path(".") : relative;
  auto fd = open_by_openat2(top.get(), way);
  if (!fd && (errno == ENOSYS || errno == EPERM)) fd = open_part_by_part(top.get(), way);
  if (!fd) return errno_error(Fault::infra, "open " + way.string() + " below " + root.string());
  return fd;
}

Status remove_below(const fs::path& root, const fs::path& relative) {
  const auto name = relative.filename();
  if (name.empty() || name == "." || name == "..") {
    return Error{Fault::infra, "remove '" + relative.string() + "' below " + root.string(), EINVAL, {}};
  }
  const auto parent = open_below(root, relative.parent_path());
  if (!parent && parent.error().err == ENOENT) return Done{};
  if (!parent) return parent.error();
  auto removed = remove_entry(parent->get(), name.c_str(), 0);
  if (removed) return removed;
  return Error{Fault::infra, "remove " + (root / relative).string(), removed.error().err, {}};
}

}  // namespace probebench::inline base
