// SPDX-License-Identifier: MIT
#include "base/process_stat.h"

#include <cstdlib>

#include "base/split.h"

namespace probebench::inline base {
namespace {

constexpr std::size_t kState = 0;  // counted from behind the name
constexpr std::size_t kStartTime = 19;

std::uint64_t number_in(std::string_view text) {
  return std::strtoull(std::string(text).c_str(), nullptr, 10);
}

}  // namespace

// A name may have blanks and brackets in it.
std::optional<ProcessStat> running_process(std::string_view stat) {
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close + 2 > stat.size()) {
    return std::nullopt;
  }
  const auto fields = split(stat.substr(close + 2), ' ');
  if (fields.size() <= kStartTime || fields[kState] == "Z" || fields[kState] == "X") return std::nullopt;
  return ProcessStat{number_in(fields[kStartTime]), number_in(stat),
                     std::string(stat.substr(open + 1, close - open - 1))};
}

}  // namespace probebench::inline base
