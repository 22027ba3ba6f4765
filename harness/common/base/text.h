// SPDX-License-Identifier: MIT
// Text taken apart, and numbers as tables and sentences show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probebench::inline base {

// Text taken apart.

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

// In small letters; of ASCII alone, as all our names are.
inline std::string lowercase(std::string_view text) {
  std::string lower(text);
  for (auto& one : lower) one = one >= 'A' && one <= 'Z' ? static_cast<char>(one - 'A' + 'a') : one;
  return lower;
}

inline void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

// Text without what is blank at both its ends.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The last line that says anything, without what is blank around it; empty: none does.
inline std::string_view last_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(text.rfind('\n') + 1));
}

// Numbers as tables and sentences show them.

// Counts as they are, times with one decimal: "103", "12.5".
std::string number_text(double value);

// From `whole_below` on in thousands or millions: "1234", "57k", "1.2M".
std::string short_number(double value, double whole_below = 10'000);

// "+2", "-1.5", and "=" where there is no difference.
std::string signed_number(double difference);

// "+1.0 %" of a share of 0.01.
std::string signed_percent(double share);

}  // namespace probebench::inline base
