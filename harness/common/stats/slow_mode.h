// SPDX-License-Identifier: MIT
// Values that fall into two modes: does the slow one hold more of the head's than of the base's? A median
// does not see it before it holds half of them.
#pragma once

#include <span>

namespace probebench::stats {

struct SlowMode {
  double base = 0;  // share of the values that are slow
  double head = 0;
  double p = 1;  // of "the head's upper quantiles are no more than the floor above the base's"
};

// Slow is what is above the common median by the floor, and by three times what the lower half spreads; the
// head's values are first divided by 1 + floor. Where the line lies does not depend on which side a value is
// of, so that the number of the head's values above it is hypergeometric, and p exact, whatever the
// distribution. Values that are not positive are left out.
SlowMode slow_mode(std::span<const double> base, std::span<const double> head, double floor);

}  // namespace probebench::stats
