// SPDX-License-Identifier: MIT
#include "stats/paired.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "stats/robust.h"
#include "stats/tails.h"

namespace probebench::stats {
namespace {

// Uniform below n by the high half of a product. std::uniform_int_distribution differs between libraries; the
// bias, n / 2^64, is far below what resampling can see.
std::size_t below(std::mt19937_64& generator, std::size_t n) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::size_t>((Wide{generator()} * n) >> 64);
}

double resampled_median(std::span<const double> values, std::vector<double>& sample,
                        std::mt19937_64& generator) {
  for (double& one : sample) one = values[below(generator, values.size())];
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::nth_element(sample.begin(), middle, sample.end());
  if (sample.size() % 2 == 1) return *middle;
  return (*std::max_element(sample.begin(), middle) + *middle) / 2;
}

}  // namespace

std::vector<double> log_ratios(std::span<const double> base, std::span<const double> head) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(base.size(), head.size()); ++i) {
    if (base[i] > 0 && head[i] > 0) ratios.push_back(std::log(head[i] / base[i]));
  }
  return ratios;
}

double median_error(std::span<const double> values, std::size_t resamples, std::uint64_t seed) {
  std::mt19937_64 generator(seed);
  std::vector<double> sample(values.size());
  std::vector<double> medians(resamples);
  for (double& one : medians) one = resampled_median(values, sample, generator);
  return standard_deviation(medians);
}

double sign_test_above(std::span<const double> values, double bound) {
  const auto above = std::ranges::count_if(values, [bound](double value) { return value > bound; });
  return coin_at_least(values.size(), static_cast<std::size_t>(above));
}

std::size_t least_pairs(std::size_t tests, double alpha) {
  std::size_t pairs = 0;
  for (double p = static_cast<double>(tests); p > alpha; p /= 2) ++pairs;
  return pairs;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return p[i]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto i = order[rank];
    largest = std::max(largest, std::min(1.0, static_cast<double>(p.size() - rank) * p[i]));
    adjusted[i] = largest;
  }
  return adjusted;
}

}  // namespace probebench::stats
