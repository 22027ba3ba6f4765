// SPDX-License-Identifier: MIT
// results.json, schema version 1 (docs/results-schema.md, results.schema.json).
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/run_record.h"

namespace probebench::results {

inline constexpr int kResultsSchemaVersion = 1;

std::string write_results(const RunRecord& record);

// Writes a run that grows: what a cell was last time it still is, unless the cell changed. So a run that is
// written after each cell takes time in proportion to its cells.
class GrowingResults {
 public:
  std::string text(const RunRecord& record);

 private:
  struct Kept {
    CellRecord cell;
    std::string text;
  };
  const std::string& text_of(const CellRecord& cell);

  std::map<std::string, Kept> kept_;  // by target and cell
};

// The inverse: read_results(write_results(x)) == x. `source` names the text in an error.
Result<RunRecord> read_results(std::string_view text, std::string_view source);

}  // namespace probebench::results
