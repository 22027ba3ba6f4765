// SPDX-License-Identifier: MIT
// `cost --suite`: recipes one after the other, and one table of them.
#pragma once

#include "cli/cost_request.h"

namespace probebench::cli {

// The options that go with --suite; usage errors.
Status check_suite(const CostOptions& options, const Arguments& passed);

Result<CommandResult> perform_suite(const CostOptions& options, const Arguments& line);

}  // namespace probebench::cli
