// SPDX-License-Identifier: MIT
// Metrics in results.json. A summary is spread over a cell's members "metrics", "baseline" and "cold_hit",
// so these functions take the whole cell object.
#pragma once

#include "model/summary.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_metric(const Metric& metric);
Metric metric_from(const Json& value);

// The member "metrics".
Json json_of_metrics(const Summary& summary);

// The whole summary, out of a cell.
Summary summary_from_cell(const Json& cell);

}  // namespace probebench::wire
