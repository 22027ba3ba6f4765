// SPDX-License-Identifier: MIT
// A cell's samples to what is said of them.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/cell.h"
#include "model/environment.h"
#include "model/sample.h"
#include "model/summary.h"

namespace probebench::stats {

// Hits over all rounds of a cell, never without the misses.

struct HitTally {
  std::uint64_t expected = 0;   // calls made
  std::uint64_t counted = 0;    // hits on every CPU
  std::uint64_t elsewhere = 0;  // those of them that came from other CPUs than the loop's
  std::uint64_t missed = 0;
  std::map<std::uint32_t, std::uint64_t> per_cpu;  // hits by the CPU of the loop
};

// Over the windows that count: those of `verify` where there is one.
HitTally tally_hits(const std::vector<Round>& rounds);

// Only a measured cell has metrics: an invalid one is shown, never averaged. What `clock` counts decides
// which metrics exist; `no_metric_reason` says why the others do not. `tsc_khz` 0 means unknown.
Summary summarise(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz);

}  // namespace probebench::stats
