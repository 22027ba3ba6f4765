// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "base/result.h"
#include "model/cell.h"

namespace probebench::experiment {

// One untimed pass, then the median of as many as the clock needs: one where it counts, several where it is
// noisy.
Result<double> median_time(ClockKind clock, const std::function<Result<double>()>& pass);

}  // namespace probebench::experiment
