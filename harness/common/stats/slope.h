// SPDX-License-Identifier: MIT
// From windows of N and 2N calls to costs per call.
#pragma once

#include <cstdint>
#include <optional>

#include "model/sample.h"

namespace probebench::stats {

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
