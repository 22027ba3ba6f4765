// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace probebench::inline base {

// Text up to its first newline.
inline std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

// Takes the first line, with its newline, away from `text` and returns it without.
inline std::string_view take_line(std::string_view& text) {
  const auto line = first_line(text);
  text.remove_prefix(line.size() == text.size() ? line.size() : line.size() + 1);
  return line;
}

// Text without what is blank at both its ends.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace probebench::inline base
