// SPDX-License-Identifier: MIT
// A user's program that marks its own operations, see suites/probebench_op.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "workload/work.h"

namespace probebench::workload {

// Starts it, and lets it wait at its first operation. The work times itself: what lies between two operations
// does not count. Null: the program ended without having marked anything.
Result<std::unique_ptr<Work>> make_marked_program(const std::vector<std::string>& command);

}  // namespace probebench::workload
