// SPDX-License-Identifier: MIT
// Google Benchmark's own JSON, put together from the pieces that arrived.
#pragma once

#include <string>

#include "base/result.h"

namespace probebench::results {

// The pieces in order, as one text that parses. When the run was cut off, a benchmark that is only half
// there is dropped and the text is closed as Google Benchmark would have closed it.
Result<std::string> complete_benchmark_json(std::string text);

}  // namespace probebench::results
