// SPDX-License-Identifier: MIT
#include "stats/slow_mode.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/robust.h"
#include "stats/tails.h"

namespace probebench::stats {
namespace {

constexpr double kSpreads = 3;
constexpr double kOneBelow = 0.15865525393145707;  // of a normal distribution, by one standard deviation

std::vector<double> logs_of(std::span<const double> values, double less) {
  std::vector<double> logs;
  for (const double value : values) {
    if (value > 0) logs.push_back(std::log(value) - less);
  }
  return logs;
}

// Above it a value is slow. The lower half alone says what noise is: the slow mode is above.
double line_of(const std::vector<double>& all, double floor) {
  const double centre = median(all);
  return centre + std::max(floor, kSpreads * (centre - quantile(all, kOneBelow)));
}

std::size_t above(const std::vector<double>& values, double line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(values, [line](double value) { return value > line; }));
}

double share_of(std::size_t part, const std::vector<double>& values) {
  return static_cast<double>(part) / static_cast<double>(values.size());
}

}  // namespace

SlowMode slow_mode(std::span<const double> base, std::span<const double> head, double floor) {
  const double tolerated = std::log1p(floor);
  const auto bases = logs_of(base, 0);
  const auto heads = logs_of(head, tolerated);
  if (bases.empty() || heads.empty()) return {};
  auto all = bases;
  all.insert(all.end(), heads.begin(), heads.end());
  const double line = line_of(all, tolerated);
  const auto slow_bases = above(bases, line);
  const auto slow_heads = above(heads, line);
  return {.base = share_of(slow_bases, bases),
          .head = share_of(slow_heads, heads),
          .p = drawn_at_least(all.size(), heads.size(), slow_bases + slow_heads, slow_heads)};
}

}  // namespace probebench::stats
