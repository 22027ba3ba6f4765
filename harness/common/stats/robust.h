// SPDX-License-Identifier: MIT
// Order statistics: estimates that a few disturbed rounds cannot move.
#pragma once

#include <optional>
#include <vector>

#include "model/sample.h"

namespace probebench::stats {

struct Interval {
  double low = 0;
  double high = 0;
};

// Quantile by linear interpolation between the two nearest order statistics (Hyndman and Fan's type 7,
// NumPy's default). `values` must not be empty, 0 <= q <= 1.
double quantile(std::vector<double> values, double q);

double median(std::vector<double> values);

// Median absolute deviation from the median, not scaled to a standard deviation.
double median_absolute_deviation(const std::vector<double>& values);

// Of a sample, of at least two values.
double standard_deviation(const std::vector<double>& values);

// Distribution-free interval of the median from two order statistics: the narrowest symmetric pair whose ends
// miss the median with a probability of at most `miss` each, which follows from Binomial(n, 1/2) alone,
// whatever the values' distribution is. Too few values for that (95 % need 6) give the smallest and the
// largest.
inline constexpr double kMissEither = 0.025;  // 95 %
Interval median_interval(std::vector<double> values, double miss = kMissEither);

// From windows of N and 2N calls to costs per call.

// Which of a window's clocks is read.
enum class Counter { ticks, cycles, instructions };

// All of these are absent when the counter is absent in a window they need, or when the windows are not of
// N and 2N calls, N > 0.

// (T(2N) - T(N)) / N: the cost of one call, free of what a window costs by itself.
std::optional<double> slope(const WindowPair& pair, Counter counter);

// 2 T(N) - T(2N): what a window costs by itself.
std::optional<double> intercept(const WindowPair& pair, Counter counter);

// Armed slope minus baseline slope: the cost of one hit.
std::optional<double> overhead(const Round& round, Counter counter);

}  // namespace probebench::stats
