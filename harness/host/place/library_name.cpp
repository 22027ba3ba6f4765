// SPDX-License-Identifier: MIT
#include "place/library_name.h"

#include <cstdint>

#include "base/file.h"
#include "base/load.h"
#include "vm/guest_command.h"

namespace probebench::place {
namespace {

constexpr const char* kCache = "/etc/ld.so.cache";
// What glibc writes since 2.2 (sysdeps/generic/dl-cache.h), alone or behind an older table.
constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";
constexpr std::size_t kHeaderBytes = 48;
constexpr std::int32_t kLibrary64 = 0x303;  // FLAG_X8664_LIB64 | FLAG_ELF_LIBC6

struct CacheEntry {
  std::int32_t flags;
  std::uint32_t name;  // offsets from the header on
  std::uint32_t path;
  std::uint32_t os_version;
  std::uint64_t hwcap;
};

bool is_called(std::string_view library, std::string_view name) {
  if (library == name) return true;
  return library.starts_with(name) && library.substr(name.size()).starts_with(".so");
}

bool is_file(const fs::path& path) {
  std::error_code unreadable;
  return fs::is_regular_file(path, unreadable);
}

}  // namespace

std::optional<std::string> library_in_cache(std::string_view cache, std::string_view name) {
  const auto begin = cache.find(kMagic);
  if (begin == cache.npos) return std::nullopt;
  const auto table = cache.substr(begin);
  const auto count = load<std::uint32_t>(table, kMagic.size()).value_or(0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = load<CacheEntry>(table, kHeaderBytes + i * sizeof(CacheEntry));
    if (!entry) return std::nullopt;
    if (entry->flags == kLibrary64 && is_called(text_at(table, entry->name), name)) {
      return std::string(text_at(table, entry->path));
    }
  }
  return std::nullopt;
}

std::optional<fs::path> find_file(const std::string& name) {
  std::error_code failure;
  const auto whole = [&](const fs::path& path) -> std::optional<fs::path> {
    auto real = fs::canonical(path, failure);
    return failure ? std::nullopt : std::optional(std::move(real));
  };
  if (is_file(name)) return whole(name);
  if (name.find('/') != std::string::npos) return std::nullopt;
  const auto cache = read_file(kCache);
  const auto library = cache ? library_in_cache(*cache, name) : std::nullopt;
  if (library && is_file(*library)) return whole(*library);
  const auto program = vm::program_on_path(name);
  return program ? whole(*program) : std::nullopt;
}

}  // namespace probebench::place
