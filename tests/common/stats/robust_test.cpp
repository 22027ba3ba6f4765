// SPDX-License-Identifier: MIT
// A simulation: how often an end of the median's interval misses the median, for noise of several shapes.
// With the whole program, and at length: ci/gate-power --part ends.
#include "stats/robust.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "stats/tails.h"

namespace probebench::stats {
namespace {

constexpr double kMiss = 0.01;
constexpr int kSamples = 20000;

using Generator = std::mt19937_64;

// The library's distributions differ between libraries.
double uniform(Generator& generator) {
  return (static_cast<double>(generator() >> 11) + 0.5) / 9007199254740992.0;
}

double normal(Generator& generator) {
  return std::sqrt(-2 * std::log(uniform(generator))) * std::cos(2 * std::numbers::pi * uniform(generator));
}

struct Noise {
  const char* name;
  double median;
  std::function<double(Generator&)> draw;
};

const std::array<Noise, 4>& noises() {
  static const std::array<Noise, 4> kNoises{
      Noise{"normal", 0, normal},
      // Student's t of two degrees of freedom: it has no variance.
      {"heavy tails", 0,
       [](Generator& generator) { return normal(generator) / std::sqrt(-std::log(uniform(generator))); }},
      {"skewed", std::numbers::ln2, [](Generator& generator) { return -std::log(uniform(generator)); }},
      // 30 % lie far above: the median is where the others' distribution is 5/7.
      {"two modes", 0.5659488219328632,
       [](Generator& generator) { return normal(generator) + (uniform(generator) < 0.3 ? 40 : 0); }},
  };
  return kNoises;
}

struct Misses {
  int low = 0;
  int high = 0;
};

Misses misses_of(const Noise& noise, std::size_t pairs) {
  Generator generator(1);
  Misses misses;
  std::vector<double> values(pairs);
  for (int i = 0; i < kSamples; ++i) {
    for (double& value : values) value = noise.draw(generator);
    const auto [low, high] = median_interval(values, kMiss);
    misses.low += low > noise.median;
    misses.high += high < noise.median;
  }
  return misses;
}

// P(X <= rank of the low end), the largest of its kind that is not above 1 %.
double promised(std::size_t pairs) {
  double miss = 0;
  for (std::size_t k = 0; miss + coin_exactly(pairs, k) <= kMiss; ++k) miss += coin_exactly(pairs, k);
  return miss;
}

TEST(Ends, MissTheMedianNoMoreOftenThanPromisedWhateverTheNoise) {
  for (const std::size_t pairs : {9u, 10u, 12u, 16u, 24u}) {
    const double expected = promised(pairs) * kSamples;
    EXPECT_LE(expected, kMiss * kSamples);
    for (const auto& noise : noises()) {
      const auto misses = misses_of(noise, pairs);
      for (const int one : {misses.low, misses.high}) {
        EXPECT_NEAR(one, expected, 4 * std::sqrt(expected)) << noise.name << ", " << pairs << " pairs";
        EXPECT_LE(one, kMiss * kSamples) << noise.name << ", " << pairs << " pairs";
      }
    }
  }
}

// The figures of the seed, so that a change of the interval shows.
TEST(Ends, OfTheSeed) {
  const auto nine = misses_of(noises()[0], 9);
  const auto twelve = misses_of(noises()[2], 12);
  EXPECT_EQ((std::array{nine.low, nine.high, twelve.low, twelve.high}), (std::array{46, 48, 70, 70}));
}

}  // namespace
}  // namespace probebench::stats
