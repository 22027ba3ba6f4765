// SPDX-License-Identifier: MIT
// Order statistics: estimates that a few disturbed rounds cannot move.
#pragma once

#include <vector>

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

// Distribution-free interval of the median from two order statistics: the narrowest symmetric pair that
// covers the median with a probability of at least 95 %, which follows from Binomial(n, 1/2) alone. Fewer
// than 6 values cannot reach 95 % and give the smallest and the largest value.
Interval median_interval(std::vector<double> values);

}  // namespace probebench::stats
