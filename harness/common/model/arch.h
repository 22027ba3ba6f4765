// SPDX-License-Identifier: MIT
// The architectures that a target may have, by all the names that others give them.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace probebench::inline model {

enum class ArchId { x86_64, arm64 };

struct ArchInfo {
  ArchId id;
  std::string_view name;     // --arch, JSON, the table
  std::string_view machine;  // uname -m
  std::string_view debian;   // of packages, and the end of a flavour's name
  std::string_view triplet;  // of the toolchain and of library directories
  std::string_view loader;   // as programs name it
};

inline constexpr std::array kArchs{
    ArchInfo{ArchId::x86_64, "x86-64", "x86_64", "amd64", "x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2"},
    ArchInfo{ArchId::arm64, "arm64", "aarch64", "arm64", "aarch64-linux-gnu", "/lib/ld-linux-aarch64.so.1"},
};

constexpr const ArchInfo& info_of(ArchId id) {
  return kArchs[static_cast<std::size_t>(id)];
}

constexpr std::optional<ArchId> arch_from_name(std::string_view name) {
  for (const auto& info : kArchs) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

// What this program was compiled for.
#if defined(__aarch64__)
inline constexpr ArchId kOwnArch = ArchId::arm64;
#else
inline constexpr ArchId kOwnArch = ArchId::x86_64;
#endif

}  // namespace probebench::inline model
