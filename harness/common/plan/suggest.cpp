// SPDX-License-Identifier: MIT
#include "plan/suggest.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

namespace probebench::plan {
namespace {

constexpr std::size_t kMaxSuggestions = 3;

struct Candidate {
  std::size_t distance;
  std::string_view name;
};

// Part of a name ("optimized" for "kprobe-optimized") is as good as a single typing error.
std::size_t distance_to(std::string_view typed, std::string_view name) {
  if (typed.size() >= 3 && name.find(typed) != std::string_view::npos) return 1;
  return edit_distance(typed, name);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::vector<std::string_view> nearest_names(std::string_view typed, std::span<const std::string_view> known) {
  const std::size_t limit = std::max<std::size_t>(2, typed.size() / 3);
  std::vector<Candidate> candidates;
  for (const auto name : known) {
    const Candidate candidate{distance_to(typed, name), name};
    if (candidate.distance <= limit) candidates.push_back(candidate);
  }
  std::ranges::stable_sort(candidates, {}, &Candidate::distance);
  std::vector<std::string_view> names;
  for (const auto& candidate : candidates) {
    if (candidate.distance > candidates.front().distance || names.size() == kMaxSuggestions) break;
    names.push_back(candidate.name);
  }
  return names;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise) {
  const auto names = nearest_names(typed, known);
  if (names.empty()) return std::string(otherwise);
  return fmt::format("did you mean {}?", fmt::join(names, " or "));
}

}  // namespace probebench::plan
