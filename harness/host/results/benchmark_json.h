// SPDX-License-Identifier: MIT
// Google Benchmark's own JSON, put together from the pieces that arrived.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/environment.h"

namespace probebench::results {

// The pieces in order, as one text that parses. When the run was cut off, a benchmark that is only half
// there is dropped and the text is closed as Google Benchmark would have closed it.
Result<std::string> complete_benchmark_json(std::string text);

// Of guests that shared the cells of a plan, as of one that ran them all in this order.
Result<std::string> join_benchmark_json(std::vector<std::string> texts, std::span<const std::string> order);

// As its readers, compare.py first, understand it. The library writes only times: what was counted gets the
// unit it has. What was not measured keeps its error and loses the time of 0 that would be an improvement.
Result<std::string> readable_benchmark_json(std::string_view text, ClockKind clock);

}  // namespace probebench::results
