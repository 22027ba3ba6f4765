// SPDX-License-Identifier: MIT
// Raw samples and evidence in results.json: nothing is lost.
#pragma once

#include "model/sample.h"
#include "wire/json_value.h"

namespace probebench::wire {

Json json_of_window(const Window& window);
Window window_from(const Json& value);

Json json_of_pair(const WindowPair& pair);
WindowPair pair_from(const Json& value);

Json json_of_round(const Round& round);
Round round_from(const Json& value);

Json json_of_evidence(const Evidence& evidence);
Evidence evidence_from(const Json& value);

}  // namespace probebench::wire
