// SPDX-License-Identifier: MIT
#include "kernels/file_list.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/digest.h"
#include "base/safe_path.h"
#include "base/text.h"

namespace probebench::kernels {
namespace {

constexpr std::size_t kDigestLength = 64;

std::int64_t changed_ns(const struct stat& info) {
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

std::string_view parent_of(std::string_view file) {
  const auto slash = file.rfind('/');
  return file.substr(0, slash == std::string_view::npos ? 0 : slash);
}

// Neighbours in a sorted list are mostly of one directory, which is opened once.
class Places {
 public:
  explicit Places(const fs::path& top) : top_(top) {}

  bool is_open_for(std::string_view file) const { return fd_ && parent_of(file) == open_; }

  // The descriptor of the directory that `file` lies in; -1: errno says why there is none.
  int directory_of(const std::string& file) {
    const auto parent = parent_of(file);
    if (is_open_for(file)) return fd_.get();
    auto opened = open_below(top_, parent);
    fd_.reset();
    if (opened) {
      fd_ = *std::move(opened);
    } else {
      errno = opened.error().err;
    }
    open_ = parent;
    return fd_.get();
  }

 private:
  fs::path top_;
  std::string open_;
  UniqueFd fd_;
};

// The last part of `path`, within it.
const char* name_in(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.c_str() + (slash == std::string::npos ? 0 : slash + 1);
}

// Of the file's content, or of the link's text.
Result<std::string> digest_of(int directory, const char* name, const struct stat& info) {
  if (S_ISLNK(info.st_mode)) {
    std::array<char, PATH_MAX> text;
    const auto length = ::readlinkat(directory, name, text.data(), text.size());
    if (length < 0) return errno_error(Fault::infra, name);
    return sha256_text({text.data(), static_cast<std::size_t>(length)});
  }
  const UniqueFd fd(::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return errno_error(Fault::infra, name);
  return sha256_fd(fd.get(), name);
}

bool is_listable(const struct stat& info) {
  return S_ISREG(info.st_mode) || S_ISLNK(info.st_mode);
}

Result<ListedFile> list_one(Places& places, const std::string& path) {
  const char* name = name_in(path);
  const int directory = places.directory_of(path);
  struct stat info = {};
  if (directory < 0 || ::fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno_error(Fault::infra, "read " + path);
  }
  if (!is_listable(info)) return Error{Fault::infra, "read " + path + ": it is no file", 0, {}};
  const auto digest = digest_of(directory, name, info);
  if (!digest) return Error{Fault::infra, "read " + path, digest.error().err, {}};
  return ListedFile{path, static_cast<std::uintmax_t>(info.st_size), *digest, changed_ns(info),
                    S_ISLNK(info.st_mode)};
}

std::string damage_at(Places& places, const ListedFile& listed, Depth depth) {
  const char* name = name_in(listed.path);
  // The way to a directory that is open was looked at when it was opened.
  const auto safe = check_relative_path(places.is_open_for(listed.path) ? name : listed.path, "its path");
  if (!safe) return safe.error().message();
  const int directory = places.directory_of(listed.path);
  struct stat info = {};
  if (directory < 0 || ::fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return listed.path + " is missing";
    return fmt::format("{} cannot be reached: {}", listed.path, std::strerror(errno));
  }
  if (!is_listable(info) || S_ISLNK(info.st_mode) != listed.link) return listed.path + " is something else";
  if (static_cast<std::uintmax_t>(info.st_size) != listed.size) return listed.path + " has another size";
  if (depth == Depth::if_newer && changed_ns(info) == listed.changed_ns) return {};
  const auto digest = digest_of(directory, name, info);
  if (!digest) return fmt::format("{} cannot be read: {}", listed.path, std::strerror(digest.error().err));
  return *digest == listed.sha256 ? "" : listed.path + " was changed";
}

template <typename Number>
bool take_field(std::string_view& text, Number& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (!text.starts_with(' ')) return false;
  text.remove_prefix(1);
  return true;
}

// "f <64 digits> <size> <nanoseconds> <path>"; l for a link.
std::optional<ListedFile> parse_line(std::string_view line) {
  constexpr std::size_t kHead = 2 + kDigestLength + 1;
  if (line.size() < kHead || (line[0] != 'f' && line[0] != 'l') || line[1] != ' ' || line[kHead - 1] != ' ') {
    return std::nullopt;
  }
  ListedFile file;
  file.link = line[0] == 'l';
  file.sha256 = line.substr(2, kDigestLength);
  line.remove_prefix(kHead);
  if (!take_field(line, file.size) || !take_field(line, file.changed_ns)) return std::nullopt;
  file.path = line;
  return file;
}

}  // namespace

Result<ListedFile> list_file(const fs::path& directory, const std::string& path) {
  Places places(directory);
  return list_one(places, path);
}

std::string damage_of(const fs::path& directory, const ListedFile& listed, Depth depth) {
  Places places(directory);
  return damage_at(places, listed, depth);
}

Result<std::vector<ListedFile>> list_tree(const fs::path& directory,
                                          const std::vector<std::string>& unlisted) {
  std::vector<std::string> paths;
  std::error_code failure;
  for (auto at = fs::recursive_directory_iterator(directory, failure);
       !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    auto path = at->path().lexically_relative(directory).string();
    const bool listable = at->is_symlink(failure) || at->is_regular_file(failure);
    if (listable && std::ranges::find(unlisted, path) == unlisted.end()) paths.push_back(std::move(path));
  }
  if (failure) return Error{Fault::infra, "list " + directory.string(), failure.value(), {}};
  std::ranges::sort(paths);
  Places places(directory);
  std::vector<ListedFile> files;
  for (const auto& path : paths) {
    auto file = TRY(list_one(places, path));
    files.push_back(std::move(file));
  }
  return files;
}

std::string damage_of(const fs::path& directory, const std::vector<ListedFile>& listed, Depth depth) {
  Places places(directory);
  for (const auto& file : listed) {
    if (auto problem = damage_at(places, file, depth); !problem.empty()) return problem;
  }
  return {};
}

std::string text_of(const std::vector<ListedFile>& files) {
  std::string text;
  for (const auto& file : files) {
    text += fmt::format("{} {} {} {} {}\n", file.link ? 'l' : 'f', file.sha256, file.size, file.changed_ns,
                        file.path);
  }
  return text;
}

Result<std::vector<ListedFile>> parse_file_list(std::string_view text) {
  std::vector<ListedFile> files;
  while (!text.empty()) {
    auto file = parse_line(take_line(text));
    if (!file) return Error{Fault::infra, fmt::format("line {} is not a file's", files.size() + 1), 0, {}};
    files.push_back(*std::move(file));
  }
  return files;
}

}  // namespace probebench::kernels
