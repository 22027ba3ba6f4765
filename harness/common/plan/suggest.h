// SPDX-License-Identifier: MIT
// "did you mean": the known names nearest to what was typed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace probebench::plan {

// Levenshtein distance: insertions, deletions and replacements of one character.
std::size_t edit_distance(std::string_view a, std::string_view b);

// At most three known names that resemble `typed`, nearest first; none when nothing does.
std::vector<std::string_view> nearest_names(std::string_view typed, std::span<const std::string_view> known);

// "did you mean kprobe-optimized?", or `otherwise` when nothing resembles `typed`.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string_view otherwise);

}  // namespace probebench::plan
