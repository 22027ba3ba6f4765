// SPDX-License-Identifier: MIT
// The validity rules. A cell that breaks one is invalid: shown, never averaged.
#pragma once

#include <optional>
#include <string>

#include "model/cell.h"
#include "model/experiment.h"
#include "model/sample.h"

namespace probebench::verify {

// How far T(2N) may be from 2 T(N) minus the fixed cost, as a share of T(N).
inline constexpr double kExactLinearity = 0.01;
inline constexpr double kNoisyLinearity = 0.10;

// Each rule returns why the cell is invalid, or nothing.
//
// Rule 1, mechanism: the observed state is one the probe type allows, every window saw the armed bytes at
// the site, and the bytes after equal the bytes before.
std::optional<std::string> judge_mechanism(const CellResult& result);
// Of one window: it saw the armed bytes.
std::optional<std::string> judge_window_bytes(const CellResult& result, const Window& window);
// Rule 2, hit identity: every counted window hit once per call on its own CPU, nowhere else, missed none;
// no baseline window hit at all.
std::optional<std::string> judge_hits(const CellResult& result);
// Rule 3, baseline: the twin costs what the site itself costs with nothing attached (exact clocks only).
std::optional<std::string> judge_baseline(const CellResult& result, ClockKind clock);
// Rule 3, linearity: twice the calls take twice the time. Of a noisy cell the median round is
// judged, by the end of its interval that is nearer to linear.
std::optional<std::string> judge_linearity(const CellResult& result, ClockKind clock);
// Rule 4, window: no window kept interrupts off too long (exact clocks; noisy rounds are marked instead).
std::optional<std::string> judge_windows(const CellResult& result, ClockKind clock);

// All rules in order: the first reason found.
std::optional<std::string> judge(const CellResult& result, ClockKind clock);

// What makes a point of the surface, and misses of return probes, valid.

// Why the point is invalid; nothing: it is valid. `base_after` is the operation with nothing armed, measured
// again after the probes were taken away; where instructions are counted it has to be the same.
std::optional<std::string> judge(const SurfacePoint& point, double base_after, ClockKind clock);

// Each call is a hit, or a miss that the kernel counted. How many are which is the kernel's answer.
std::optional<std::string> judge(const KretprobeMisses& misses);

// Every trap was handed over, as what it is.
std::optional<std::string> judge(const TrapCost& trap);

}  // namespace probebench::verify
