// SPDX-License-Identifier: MIT
#pragma once

#include "reproduce/workload_prediction.h"
#include "wire/json_value.h"

namespace probebench::reproduce {

wire::Json json_of_prediction(const PredictedWorkload& workload);

}  // namespace probebench::reproduce
