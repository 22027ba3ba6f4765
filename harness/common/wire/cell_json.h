// SPDX-License-Identifier: MIT
// One element of "cells" in results.json, in which nothing of what was measured is lost, and a target's
// facts.
#pragma once

#include "model/run_record.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_cell(const CellRecord& record);
CellRecord cell_from(const Json& value);

Json json_of_environment(const Environment& environment);
Environment environment_from(const Json& value);

}  // namespace probebench::wire
