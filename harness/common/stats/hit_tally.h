// SPDX-License-Identifier: MIT
// Hits over all rounds of a cell, never without the misses.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/sample.h"

namespace probebench::stats {

struct HitTally {
  std::uint64_t expected = 0;   // calls made
  std::uint64_t counted = 0;    // hits on every CPU
  std::uint64_t elsewhere = 0;  // those of them that came from other CPUs than the loop's
  std::uint64_t missed = 0;
  std::map<std::uint32_t, std::uint64_t> per_cpu;  // hits by the CPU of the loop
};

// Over the windows that count: those of `verify` where there is one.
HitTally tally_hits(const std::vector<Round>& rounds);

}  // namespace probebench::stats
