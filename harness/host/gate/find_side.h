// SPDX-License-Identifier: MIT
// From what a user names to a side: a results file, a run's directory, a baseline's file or name, or a whole
// folder of baselines.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "gate/side.h"

namespace probebench::gate {

// `baselines` is the folder whose files may be named without it, with or without ".json".
Result<Side> find_side(const std::string& name, const std::filesystem::path& baselines);

}  // namespace probebench::gate
