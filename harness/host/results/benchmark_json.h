// SPDX-License-Identifier: MIT
// Google Benchmark's own JSON, put together from the pieces that arrived.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/environment.h"

namespace probebench::results {

// The pieces in order, as one text that parses. When the run was cut off, a benchmark that is only half
// there is dropped and the text is closed as Google Benchmark would have closed it.
Result<std::string> complete_benchmark_json(std::string text);

// As its readers, compare.py first, understand it. The library writes only times: what was counted gets the
// unit it has. What was not measured keeps its error and loses the time of 0 that would be an improvement.
Result<std::string> readable_benchmark_json(std::string_view text, ClockKind clock);

}  // namespace probebench::results
