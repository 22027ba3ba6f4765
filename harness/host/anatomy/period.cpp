// SPDX-License-Identifier: MIT
#include "anatomy/period.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

namespace probebench::anatomy {
namespace {

using Places = std::vector<std::size_t>;

// Where each address occurs, and the addresses in the order of their first execution.
struct Occurrences {
  std::unordered_map<std::uint64_t, Places> at;
  std::vector<std::uint64_t> order;
};

Occurrences occurrences_in(const Path& path) {
  Occurrences found;
  for (std::size_t i = 0; i < path.size(); ++i) {
    auto& places = found.at[path[i].address];
    if (places.empty()) found.order.push_back(path[i].address);
    places.push_back(i);
  }
  return found;
}

bool same_path(const Path& path, std::size_t one, std::size_t other, std::size_t length) {
  const auto begin = path.begin();
  return std::equal(begin + static_cast<std::ptrdiff_t>(one),
                    begin + static_cast<std::ptrdiff_t>(one + length),
                    begin + static_cast<std::ptrdiff_t>(other));
}

// The last turns are the same, instruction by instruction.
bool repeats(const Path& path, const Places& heads) {
  const auto last = heads.size() - 2;
  const auto length = heads[last + 1] - heads[last];
  for (auto turn = last - (kEqualTurns - 1); turn < last; ++turn) {
    if (heads[turn + 1] - heads[turn] != length || !same_path(path, heads[turn], heads[last], length))
      return false;
  }
  return true;
}

}  // namespace

Result<Turn> last_turn(const Path& path, std::uint32_t calls) {
  const auto found = occurrences_in(path);
  bool one_has_the_number = false;
  for (const auto address : found.order) {
    const auto& heads = found.at.at(address);
    if (heads.size() != calls || calls <= kEqualTurns) continue;
    one_has_the_number = true;
    if (!repeats(path, heads)) continue;
    const auto from = heads[calls - 2];
    return Turn{std::span(path).subspan(from, heads[calls - 1] - from), address};
  }
  if (one_has_the_number) return Error{Fault::cell, "the last calls took different paths", 0, {}};
  return Error{Fault::cell,
               fmt::format("no loop of {} calls is in the {} recorded instructions", calls, path.size()),
               0,
               {}};
}

}  // namespace probebench::anatomy
