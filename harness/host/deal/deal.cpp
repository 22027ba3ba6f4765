// SPDX-License-Identifier: MIT
#include "deal/deal.h"

#include <algorithm>
#include <numeric>
#include <random>

namespace probebench::deal {
namespace {

std::vector<std::size_t> positions(std::size_t count) {
  std::vector<std::size_t> all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Shares without_empty(Shares shares) {
  std::erase_if(shares, [](const auto& share) { return share.empty(); });
  return shares;
}

}  // namespace

std::size_t guests_worth(std::span<const double> expected_s, std::size_t most) {
  const double all = std::accumulate(expected_s.begin(), expected_s.end(), 0.0);
  const auto worth = static_cast<std::size_t>(std::min(all / kLeastShareSeconds, 1e6));
  return std::clamp<std::size_t>(std::min(worth, expected_s.size()), 1, std::max<std::size_t>(1, most));
}

Shares longest_first(std::span<const double> expected_s, std::size_t guests) {
  auto order = positions(expected_s.size());
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t cell) { return expected_s[cell]; });
  Shares shares(std::max<std::size_t>(1, guests));
  std::vector<double> busy_s(shares.size(), 0);
  for (const auto cell : order) {
    const auto least = static_cast<std::size_t>(std::ranges::min_element(busy_s) - busy_s.begin());
    shares[least].push_back(cell);
    busy_s[least] += expected_s[cell];
  }
  for (auto& share : shares) std::ranges::sort(share);
  return without_empty(std::move(shares));
}

// Not a distribution of the library's: another library would deal otherwise.
Shares at_random(std::size_t cells, std::size_t guests, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  auto order = positions(cells);
  for (std::size_t left = cells; left > 1; --left) std::swap(order[left - 1], order[random() % left]);
  Shares shares(std::max<std::size_t>(1, guests));
  for (const auto cell : order) shares[random() % shares.size()].push_back(cell);
  return without_empty(std::move(shares));
}

std::size_t places_of(std::size_t target, std::size_t targets, std::size_t jobs) {
  const auto last = targets % jobs;
  return target < targets - last ? 1 : jobs / last;
}

}  // namespace probebench::deal
