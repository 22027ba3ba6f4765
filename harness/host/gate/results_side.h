// SPDX-License-Identifier: MIT
// results.json as one side of a comparison.
#pragma once

#include <string_view>

#include "base/result.h"
#include "gate/side.h"

namespace probebench::gate {

// Cells that never began are there as errored ones: a run that was cut off is not shorter.
Result<Side> side_from_results(std::string_view text, std::string_view source);

}  // namespace probebench::gate
