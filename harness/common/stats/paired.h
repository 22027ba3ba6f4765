// SPDX-License-Identifier: MIT
// Statistics of pairs that were measured as pairs: did the second of each cost more than the first?
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace probebench::stats {

// log(head / base) of each pair. Pairs with a value that is not positive are left out.
std::vector<double> log_ratios(std::span<const double> base, std::span<const double> head);

// Standard error of the median: the standard deviation of resampled medians, with a generator that gives the
// same numbers everywhere (MT19937-64). `values` must not be empty.
double median_error(std::span<const double> values, std::size_t resamples, std::uint64_t seed);

// One-sided sign test of "the median is at most `bound`": small when nearly all values are above. Values
// equal to the bound count as not above it.
double sign_test_above(std::span<const double> values, double bound);

// The fewest pairs of which a sign test can survive the correction of so many tests: all pairs above the
// bound have p = 2^-n.
std::size_t least_pairs(std::size_t tests, double alpha);

// Holm's step-down correction: adjusted p-values, in the order of `p`.
std::vector<double> holm(std::span<const double> p);

}  // namespace probebench::stats
