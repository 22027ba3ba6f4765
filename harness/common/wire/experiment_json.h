// SPDX-License-Identifier: MIT
// What a target is asked, and what it tells of experiments, as JSON: on the wire, and in reproduce.json.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/experiment.h"
#include "model/plan.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_surface_setting(const SurfaceSetting& setting);
Json json_of_state_hits(const StateHits& hits);
Json json_of_site_hits(const SiteHits& hits);
Json json_of_hit_count(const HitCount& hits);
Json json_of_suite(const Suite& suite);

// An object whose "kind" says which of them it is.
Json json_of_experiment(const ExperimentRecord& record);
ExperimentRecord experiment_from(const Json& value);

std::string encode_plan(const Plan& plan);
Result<Plan> decode_plan(std::string_view text);

}  // namespace probebench::wire
