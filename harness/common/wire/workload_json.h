// SPDX-License-Identifier: MIT
#pragma once

#include "model/workload.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_workload_plan(const WorkloadPlan& plan);
WorkloadPlan workload_plan_from(const Json& value);

// As told by the target.
Json json_of_workload(const Workload& workload);
Workload workload_from(const Json& value);

Json json_of_state_hits(const StateHits& hits);
Json json_of_suite(const Suite& suite);
Suite suite_from(const Json& value);

}  // namespace probebench::wire
