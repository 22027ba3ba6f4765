// SPDX-License-Identifier: MIT
// results.json, schema version 1 (docs/results-schema.md, results.schema.json).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/run_record.h"

namespace probebench::results {

inline constexpr int kResultsSchemaVersion = 1;

std::string write_results(const RunRecord& record);

// The inverse: read_results(write_results(x)) == x. `source` names the text in an error.
Result<RunRecord> read_results(std::string_view text, std::string_view source);

}  // namespace probebench::results
