// SPDX-License-Identifier: MIT
// Exact tails of counting distributions.
#pragma once

#include <cstddef>

namespace probebench::stats {

// P(X = k) and P(X >= k) of X heads among n throws of a coin.
double coin_exactly(std::size_t n, std::size_t k);
double coin_at_least(std::size_t n, std::size_t k);

// P(X >= k) of X marked ones among `drawn` of `all`, of which `marked` are marked (hypergeometric).
double drawn_at_least(std::size_t all, std::size_t marked, std::size_t drawn, std::size_t k);

// What Student's t of so many degrees of freedom exceeds with this probability.
double student_quantile(std::size_t freedom, double above);

}  // namespace probebench::stats
