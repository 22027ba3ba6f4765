// SPDX-License-Identifier: MIT
#include "anatomy/path.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/file.h"
#include "base/text.h"

namespace probebench::anatomy {
namespace {

template <typename Number>
bool read_hex(std::string_view text, Number& number) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

// "ffffffffc0201010 0f1f44"
std::optional<Step> parse_step(std::string_view line) {
  const auto blank = line.find(' ');
  Step step;
  if (blank == line.npos || !read_hex(line.substr(0, blank), step.address)) return std::nullopt;
  const auto digits = line.substr(blank + 1);
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  step.bytes.resize(digits.size() / 2);
  for (std::size_t i = 0; i < step.bytes.size(); ++i) {
    if (!read_hex(digits.substr(2 * i, 2), step.bytes[i])) return std::nullopt;
  }
  return step;
}

Error bad_line(std::size_t number, std::string_view what) {
  return {Fault::infra, fmt::format("read the recorded paths: line {} {}", number, what), 0, {}};
}

}  // namespace

std::uint64_t repetitions(std::span<const Step> steps) {
  constexpr std::uint8_t kRepeatWhileEqual = 0xf3, kRepeatUnlessEqual = 0xf2;
  const auto repeats = [](const Step& before, const Step& step) {
    if (step != before || step.bytes.empty()) return false;
    const auto prefix = step.bytes[0];
    return prefix == kRepeatWhileEqual || prefix == kRepeatUnlessEqual;
  };
  std::uint64_t count = 0;
  for (std::size_t i = 1; i < steps.size(); ++i) count += repeats(steps[i - 1], steps[i]) ? 1 : 0;
  return count;
}

Result<std::vector<Path>> parse_paths(std::string_view text) {
  std::vector<Path> paths;
  bool open = false;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto line = take_line(text);
    const bool begins = line == "begin";
    const bool ends = line == "end";
    if (begins == open) return bad_line(number, "is out of order");
    if (begins) paths.emplace_back();
    if (begins || ends) {
      open = begins;
      continue;
    }
    auto step = parse_step(line);
    if (!step) return bad_line(number, "is no instruction");
    paths.back().push_back(*std::move(step));
  }
  if (open) return bad_line(number, "is the last, but its path has no end");
  return paths;
}

Result<std::vector<Path>> read_paths(const std::filesystem::path& file) {
  return parse_paths(TRY(read_file(file)));
}

}  // namespace probebench::anatomy
