// SPDX-License-Identifier: MIT
// What `reproduce` asks of a target, and what the target tells, as JSON: on the wire, and in reproduce.json.
#pragma once

#include "model/experiment.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_experiment_plan(const ExperimentPlan& plan);
ExperimentPlan experiment_plan_from(const Json& value);

Json json_of_surface_setting(const SurfaceSetting& setting);

// An object whose "kind" says which of them it is.
Json json_of_experiment(const ExperimentRecord& record);
ExperimentRecord experiment_from(const Json& value);

}  // namespace probebench::wire
