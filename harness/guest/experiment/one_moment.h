// SPDX-License-Identifier: MIT
// Two counts of the same hits, which cannot be read at once.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "model/sample.h"

namespace probebench::experiment {

using ReadCount = std::function<Result<std::uint64_t>()>;

// Both of one moment: whoever reads them takes page faults, and others run meanwhile, so probes are hit
// between the two. `hits` is read before `runs` and after; where it has changed, both are read again. When it
// always does, that is an error that makes the row undecided and not invalid: nothing was counted wrongly.
Result<HitCount> counts_of_one_moment(const ReadCount& runs, const ReadCount& hits);

}  // namespace probebench::experiment
