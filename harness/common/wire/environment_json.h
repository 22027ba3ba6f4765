// SPDX-License-Identifier: MIT
// A target's own facts in results.json.
#pragma once

#include "model/environment.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_environment(const Environment& environment);
Environment environment_from(const Json& value);

}  // namespace probebench::wire
