// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

namespace probebench::inline base {

// The parts between separators, empty ones included; they point into `text`. (std::views::split of
// libstdc++ 12 does not compile with clang 14.)
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace probebench::inline base
