// SPDX-License-Identifier: MIT
#include "base/file_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/split.h"

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

}  // namespace

Result<std::string> file_name_of(std::string_view text, std::string_view what, Fault fault) {
  const auto problem = problem_of_name(text);
  if (!problem.empty()) return not_a_name(text, what, problem, fault);
  return std::string(text);
}

Result<std::filesystem::path> relative_path_of(std::string_view text, std::string_view what, Fault fault) {
  std::filesystem::path path;
  for (const auto part : split(text, '/')) {
    const auto problem = problem_of_name(part);
    if (!problem.empty())
      return not_a_name(text, what, fmt::format("in '{}' {}", shown_name(part), problem), fault);
    path /= part;
  }
  return path;
}

}  // namespace probebench::inline base
