// SPDX-License-Identifier: MIT
#include "stats/robust.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "stats/tails.h"

namespace probebench::stats {
namespace {

// Index, among n sorted values, of the interval's lower end: k - 1 for the largest k with
// P(Binomial(n, 1/2) <= k - 1) <= miss.
std::size_t index_of_low(std::size_t n, double miss) {
  double tail = 0;
  for (std::size_t k = 0; k < n; ++k) {
    tail += coin_exactly(n, k);
    if (tail > miss) return k == 0 ? 0 : k - 1;
  }
  return 0;
}

std::optional<std::int64_t> read(const Window& window, Counter counter) {
  switch (counter) {
    case Counter::ticks:
      return static_cast<std::int64_t>(window.ticks);
    case Counter::cycles:
      return window.cycles;
    case Counter::instructions:
      return window.instructions;
  }
  return std::nullopt;
}

struct Readings {
  std::int64_t n = 0;
  std::int64_t twice_n = 0;
};

// Differences are taken on these integers, so that nothing is rounded before the division.
std::optional<Readings> read(const WindowPair& pair, Counter counter) {
  if (pair.n.calls == 0 || pair.twice_n.calls != 2 * std::uint64_t{pair.n.calls}) return std::nullopt;
  const auto n = read(pair.n, counter);
  const auto twice_n = read(pair.twice_n, counter);
  if (!n || !twice_n) return std::nullopt;
  return Readings{*n, *twice_n};
}

}  // namespace

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

double median_absolute_deviation(const std::vector<double>& values) {
  const double centre = median(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - centre));
  return median(std::move(deviations));
}

// Two passes: the medians lie close together, far from 0.
double standard_deviation(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (n - 1));
}

Interval median_interval(std::vector<double> values, double miss) {
  std::sort(values.begin(), values.end());
  const std::size_t low = index_of_low(values.size(), miss);
  return {values[low], values[values.size() - 1 - low]};
}

std::optional<double> slope(const WindowPair& pair, Counter counter) {
  const auto readings = read(pair, counter);
  if (!readings) return std::nullopt;
  return static_cast<double>(readings->twice_n - readings->n) / pair.n.calls;
}

std::optional<double> intercept(const WindowPair& pair, Counter counter) {
  const auto readings = read(pair, counter);
  if (!readings) return std::nullopt;
  return static_cast<double>(2 * readings->n - readings->twice_n);
}

std::optional<double> overhead(const Round& round, Counter counter) {
  const auto armed = slope(round.armed, counter);
  const auto baseline = slope(round.baseline, counter);
  if (!armed || !baseline) return std::nullopt;
  return *armed - *baseline;
}

}  // namespace probebench::stats
