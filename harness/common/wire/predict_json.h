// SPDX-License-Identifier: MIT
#pragma once

#include "model/predict.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_predict_plan(const PredictPlan& plan);
PredictPlan predict_plan_from(const Json& value);

// As told by the target.
Json json_of_predict_counts(const PredictCounts& counts);
PredictCounts predict_counts_from(const Json& value);

}  // namespace probebench::wire
