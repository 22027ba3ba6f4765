// SPDX-License-Identifier: MIT
// A run with a cell of every status and a value in every field: what a round trip and the schema are tested
// on.
#pragma once

#include "model/run_record.h"

namespace probebench::results {

// An interrupted run of four cells: measured, skipped, errored, invalid.
RunRecord sample_run();

}  // namespace probebench::results
