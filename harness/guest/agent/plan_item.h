// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/record_channel.h"
#include "base/result.h"

namespace probebench::agent {

// The text of the plan that QEMU was given, once the files that go with it are in place. Where it was given
// none, says so and waits: this guest is about to be saved, and will find a plan when it is restored.
Result<std::string> await_plan(const RecordChannel& channel);

}  // namespace probebench::agent
