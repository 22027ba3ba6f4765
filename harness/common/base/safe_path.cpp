// SPDX-License-Identifier: MIT
#include "base/safe_path.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/text.h"

namespace probebench::inline base {
namespace {

constexpr std::size_t kShownBytes = 60;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

// For a terminal: one line, whatever is in it.
std::string shown_name(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kShownBytes)) {
    shown += is_control(c) ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return text.size() > kShownBytes ? shown + "..." : shown;
}

// Empty: it is a file's name.
std::string problem_of_name(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text == "." || text == "..") return "it names a directory";
  if (text.find('/') != std::string_view::npos) return "it has a '/' in it";
  if (std::ranges::any_of(text, is_control)) return "it has a control character in it";
  if (text.size() > kLongestFileName) {
    return fmt::format("it has {} bytes, at most {} will do", text.size(), kLongestFileName);
  }
  return {};
}

Error not_a_name(std::string_view text, std::string_view what, std::string_view problem, Fault fault) {
  return {fault, fmt::format("{} '{}' cannot name a file: {}", what, shown_name(text), problem), 0, {}};
}

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
  const auto names = TRY(entries_of(inner.get()));
  for (const auto& one : names) {
    TRY(remove_entry(inner.get(), one.c_str(), depth + 1));
  }
  if (::unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return Done{};
  return errno_error(Fault::infra, std::string("remove ") + name);
}

}  // namespace

Result<std::string> file_name_of(std::string_view text, std::string_view what, Fault fault) {
  const auto problem = problem_of_name(text);
  if (!problem.empty()) return not_a_name(text, what, problem, fault);
  return std::string(text);
}

Status check_relative_path(std::string_view text, std::string_view what, Fault fault) {
  for (const auto part : split(text, '/')) {
    const auto problem = problem_of_name(part);
    if (!problem.empty())
      return not_a_name(text, what, fmt::format("in '{}' {}", shown_name(part), problem), fault);
  }
  return Done{};
}

Result<std::filesystem::path> relative_path_of(std::string_view text, std::string_view what, Fault fault) {
  TRY(check_relative_path(text, what, fault));
  return std::filesystem::path(text);
}

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
