// SPDX-License-Identifier: MIT
#include "agent/newc_archive.h"

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"

namespace probebench::agent {
namespace {

constexpr std::string_view kMagic = "070701";
constexpr std::string_view kLastName = "TRAILER!!!";
constexpr std::size_t kFieldDigits = 8;
enum Field { kMode = 1, kFileSize = 6, kNameSize = 11, kFields = 13 };
constexpr std::size_t kHeaderBytes = kMagic.size() + kFields * kFieldDigits;

constexpr std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

std::optional<std::uint32_t> field(std::string_view header, Field which) {
  const auto digits = header.substr(kMagic.size() + which * kFieldDigits, kFieldDigits);
  std::uint32_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

struct Member {
  std::uint32_t mode = 0;
  std::string_view name;
  std::string_view content;
  std::size_t bytes = 0;  // of the archive
};

// The first member of what is left of an archive.
std::optional<Member> first_member(std::string_view rest) {
  if (rest.size() < kHeaderBytes || !rest.starts_with(kMagic)) return std::nullopt;
  const auto mode = field(rest, kMode);
  const auto size = field(rest, kFileSize);
  const auto name_size = field(rest, kNameSize);
  if (!mode || !size || !name_size || *name_size == 0) return std::nullopt;
  const auto content_at = padded(kHeaderBytes + *name_size);
  if (content_at + *size > rest.size()) return std::nullopt;
  return Member{*mode, rest.substr(kHeaderBytes, *name_size - 1), rest.substr(content_at, *size),
                padded(content_at + *size)};
}

Status put(const Member& member, const fs::path& place) {
  if (!S_ISDIR(member.mode)) {
    TRY(write_file_atomic(place, member.content));
    if (::chmod(place.c_str(), member.mode & 07777) == 0) return Done{};
  } else if (::mkdir(place.c_str(), member.mode & 07777) == 0 || errno == EEXIST) {
    return Done{};
  }
  return errno_error(Fault::infra, "unpack " + place.string());
}

}  // namespace

Status unpack_newc(std::string_view archive, const fs::path& root) {
  for (auto rest = archive;;) {
    const auto member = first_member(rest);
    if (!member) return Error{Fault::infra, "unpack the files from the host: the archive is cut off", 0, {}};
    if (member->name == kLastName) return Done{};
    TRY(put(*member, root / member->name));
    rest.remove_prefix(std::min(member->bytes, rest.size()));
  }
}

}  // namespace probebench::agent
