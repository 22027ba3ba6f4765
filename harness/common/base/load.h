// SPDX-License-Identifier: MIT
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

namespace probebench::inline base {

// The value that lies at `offset` of a file's bytes; nothing behind their end.
template <typename T>
std::optional<T> load(std::string_view bytes, std::size_t offset) {
  T value{};
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

// The text that begins there and ends with a NUL, as ELF's tables of names have it.
inline std::string_view text_at(std::string_view bytes, std::size_t offset) {
  if (offset >= bytes.size()) return {};
  const auto text = bytes.substr(offset);
  return text.substr(0, text.find('\0'));
}

// The size of a part of an ELF note.
constexpr std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

}  // namespace probebench::inline base
