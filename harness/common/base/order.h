// SPDX-License-Identifier: MIT
// Sorting of what is large: places change, and each value moves once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace probebench::inline base {

// Equal values keep their order. No second copy of the values is made.
template <typename Value, typename Less>
void sort_large(std::vector<Value>& values, Less less) {
  std::vector<std::size_t> from(values.size());  // which value belongs there
  std::iota(from.begin(), from.end(), std::size_t{0});
  std::ranges::stable_sort(from, [&](std::size_t a, std::size_t b) { return less(values[a], values[b]); });
  for (std::size_t begin = 0; begin < values.size(); ++begin) {
    if (from[begin] == begin) continue;
    auto held = std::move(values[begin]);  // of one cycle of the permutation
    auto place = begin;
    for (auto next = from[place]; next != begin; next = from[place]) {
      values[place] = std::move(values[next]);
      from[place] = place;
      place = next;
    }
    values[place] = std::move(held);
    from[place] = place;
  }
}

}  // namespace probebench::inline base
