// SPDX-License-Identifier: MIT
// Statistics of pairs that were measured as pairs: did the second of each cost more than the first?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/robust.h"

namespace probebench::stats {

// log(head / base) of each pair. Pairs with a value that is not positive are left out.
std::vector<double> log_ratios(std::span<const double> base, std::span<const double> head);

struct Bootstrap {
  Interval interval;          // percentiles
  double standard_error = 0;  // standard deviation of the resampled medians
};

// Resamples the median, with a generator that gives the same numbers everywhere (MT19937-64). Each end of the
// interval is missed with a probability of `miss`. `values` must not be empty.
Bootstrap bootstrap_median(std::span<const double> values, double miss, std::size_t resamples,
                           std::uint64_t seed);

// One-sided sign test of "the median is at most `bound`": small when nearly all values are above. Values
// equal to the bound count as not above it.
double sign_test_above(std::span<const double> values, double bound);

// Holm's step-down correction: adjusted p-values, in the order of `p`.
std::vector<double> holm(std::span<const double> p);

}  // namespace probebench::stats
