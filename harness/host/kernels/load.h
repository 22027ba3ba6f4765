// SPDX-License-Identifier: MIT
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

namespace probebench::kernels {

// The value that lies at `offset` of a file's bytes; nothing behind their end.
template <typename T>
std::optional<T> load(std::string_view bytes, std::size_t offset) {
  T value{};
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

}  // namespace probebench::kernels
