// SPDX-License-Identifier: MIT
// results.json as one side of a comparison.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gate/side.h"

namespace probebench::gate {

// Cells that never began are there as errored ones: a run that was cut off is not shorter.
Result<Side> side_from_results(std::string_view text, std::string_view source);

// From what a user names to a side: a results file, a run's directory, a baseline's file or name, or a whole
// folder of baselines.

// `baselines` is the folder whose files may be named without it, with or without ".json".
Result<Side> find_side(const std::string& name, const std::filesystem::path& baselines);

}  // namespace probebench::gate
