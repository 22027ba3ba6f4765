// SPDX-License-Identifier: MIT
// One element of "cells" in results.json.
#pragma once

#include "results/json_value.h"
#include "results/run_record.h"

namespace probebench {

Json json_of_cell(const CellRecord& record);
CellRecord cell_from(const Json& value);

}  // namespace probebench
