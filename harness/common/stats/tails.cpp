// SPDX-License-Identifier: MIT
#include "stats/tails.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace probebench::stats {
namespace {

// Log-gamma keeps the coefficient finite for any n.
double log_choose(std::size_t n, std::size_t k) {
  const auto of = [](std::size_t x) { return std::lgamma(static_cast<double>(x) + 1); };
  return of(n) - of(k) - of(n - k);
}

// P(|T| <= t) of Student's t: a finite sum in the angle whose tangent is t / sqrt(freedom) (Abramowitz and
// Stegun, 26.7.3 and 26.7.4).
double student_within(std::size_t freedom, double t) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(freedom)));
  const double cosine = std::cos(angle);
  const bool odd = freedom % 2 == 1;
  double term = odd ? cosine : 1;
  double sum = freedom > 1 ? term : 0;
  for (std::size_t i = odd ? 3 : 2; i < freedom; i += 2) {
    const auto place = static_cast<double>(i);
    term *= cosine * cosine * (place - 1) / place;
    sum += term;
  }
  sum *= std::sin(angle);
  return odd ? (angle + sum) * std::numbers::inv_pi * 2 : sum;
}

}  // namespace

double coin_exactly(std::size_t n, std::size_t k) {
  return std::exp(log_choose(n, k) - static_cast<double>(n) * std::log(2.0));
}

double coin_at_least(std::size_t n, std::size_t k) {
  double tail = 0;
  for (std::size_t i = k; i <= n; ++i) tail += coin_exactly(n, i);
  return std::min(1.0, tail);
}

double drawn_at_least(std::size_t all, std::size_t marked, std::size_t drawn, std::size_t k) {
  double tail = 0;
  const std::size_t least = drawn + marked > all ? drawn + marked - all : 0;
  for (std::size_t i = std::max(k, least); i <= std::min(marked, drawn); ++i) {
    tail += std::exp(log_choose(marked, i) + log_choose(all - marked, drawn - i) - log_choose(all, drawn));
  }
  return std::min(1.0, tail);
}

double student_quantile(std::size_t freedom, double above) {
  double low = 0;
  double high = 1;
  const double within = 1 - 2 * above;
  while (student_within(freedom, high) < within) high *= 2;
  for (int halved = 0; halved < 60; ++halved) {
    const double middle = (low + high) / 2;
    (student_within(freedom, middle) < within ? low : high) = middle;
  }
  return high;
}

}  // namespace probebench::stats
