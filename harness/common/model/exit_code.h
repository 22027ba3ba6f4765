// SPDX-License-Identifier: MIT
#pragma once

namespace probebench {

enum class ExitCode : int {
  fine = 0,
  cell_failed = 1,  // some cell errored or invalid, or an internal error
  usage = 2,
  regression = 3,
  nothing_measured = 4,
  unfit = 5,         // inconclusive, incomparable or environment unfit under --strict
  unavailable = 69,  // target or dependency unavailable
  interrupted = 130,
};

}  // namespace probebench
