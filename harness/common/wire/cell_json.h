// SPDX-License-Identifier: MIT
// One element of "cells" in results.json.
#pragma once

#include "model/run_record.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_cell(const CellRecord& record);
CellRecord cell_from(const Json& value);

}  // namespace probebench::wire
