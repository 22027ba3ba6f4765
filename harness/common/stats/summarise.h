// SPDX-License-Identifier: MIT
// A cell's samples to what is said of them.
#pragma once

#include <cstdint>

#include "model/cell.h"
#include "model/sample.h"
#include "model/summary.h"

namespace probebench::stats {

// Only a measured cell has metrics: an invalid one is shown, never averaged. What `clock` counts decides
// which metrics exist; `no_metric_reason` says why the others do not. `tsc_khz` 0 means unknown.
Summary summarise(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz);

}  // namespace probebench::stats
