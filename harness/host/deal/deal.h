// SPDX-License-Identifier: MIT
// Which guest measures which cells. Guests that count instructions are alike, so the cells of one target may
// be measured by several of them, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace probebench::deal {

// For each guest the positions of its cells.
using Shares = std::vector<std::vector<std::size_t>>;

// A guest costs a start of its own: with less to do than this, it is not worth that.
inline constexpr double kLeastShareSeconds = 1.0;

// How many of `most` guests are worth their start.
std::size_t guests_worth(std::span<const double> expected_s, std::size_t most);

// The longest first, each to the guest that has the least to do so far; in a share they keep their order. No
// share is empty.
Shares longest_first(std::span<const double> expected_s, std::size_t guests);

// Any cell to any guest, and each guest's in any order: what a count must not depend on. No share is empty.
Shares at_random(std::size_t cells, std::size_t guests, std::uint64_t seed);

// How many of `jobs` places the target has for its guests where all `targets` are measured at once: those
// that would leave places idle at the end have more than one.
std::size_t places_of(std::size_t target, std::size_t targets, std::size_t jobs);

}  // namespace probebench::deal
