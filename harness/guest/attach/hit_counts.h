// SPDX-License-Identifier: MIT
// From what the kernel counted around a window to the window's hits.
#pragma once

#include <cstdint>
#include <vector>

#include "model/sample.h"

namespace probebench::attach {

// What the kernel had counted at some moment, or since one.
struct HitCounts {
  std::vector<std::uint64_t> runs;  // of the handler: by CPU, or one sum for all
  std::uint64_t missed = 0;
};

HitCounts growth(const HitCounts& before, const HitCounts& after);

// How runs make up a window's hits.
struct RunsOfWindow {
  std::uint32_t per_hit = 1;       // a session runs at entry and at return
  std::uint32_t warmup_calls = 0;  // of each thread, counted but not the window's
};

// Fills in hits, those elsewhere, those of each thread, and misses: a session that ran at only one end of a
// call missed the other. Returns the runs on the window's own CPUs, warm-up calls included.
std::uint64_t assign_hits(Window& window, const HitCounts& grown, const RunsOfWindow& composition);

}  // namespace probebench::attach
