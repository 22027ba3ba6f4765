// SPDX-License-Identifier: MIT
// What counted instructions and exceptions would take in time. Never a measurement: an interval, over every
// source of constants, because an int3 is as dear as a trap is, and that is a machine's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reproduce/per_hit.h"
#include "reproduce/prediction.h"
#include "stats/robust.h"

namespace probebench::reproduce {

using stats::Interval;

// How long the paths are that were timed, as this project counts them.
struct PathLengths {
  double stepped = 0;
  double boosted = 0;  // 0: no such path
  double optimized = 0;
};

// What somebody measured in time. Which lengths the timed kernel had is not known exactly.
struct PublishedTimes {
  std::string_view source;  // of the claim
  std::string_view machine;
  double stepped_ns = 0;
  std::optional<double> boosted_ns;
  double optimized_ns = 0;
  double rounding_ns = 0;            // how far an int3 may be from what was printed
  double optimized_rounding_ns = 0;  // and the jump
  std::vector<PathLengths> lengths;
};

// An instruction and a trap that together explain the published times.
struct TimeConstants {
  double instruction_ns = 0;
  double trap_ns = 0;  // one exception, beyond its instructions
};

// All that do: for each of the lengths and int3 probes, and for each end of what the rounding leaves open.
// The optimized probe takes no exception, so it gives the time of an instruction; what an int3 takes beyond
// its instructions is its exceptions.
std::vector<TimeConstants> constants_of(const PublishedTimes& times);

const std::vector<PublishedTimes>& published_times();

// Exceptions that one hit of a probe in this state takes.
int exceptions_of(ProbeState state);

// A row of the module's own loop with a handler that does nothing, over all sources.
struct ModelledTime {
  ProbeType probe_type = ProbeType::kprobe_stepped;
  ProbeState state = ProbeState::unknown;
  Interval ns;
};
std::vector<ModelledTime> modelled_times(const PerHit& per_hit);

// What both was counted and took time, on one machine.
struct TimedHit {
  double instructions = 0;
  int exceptions = 0;
  double ns = 0;
};

// Constants by least squares of the relative error.
struct FittedConstants {
  TimeConstants constants;
  std::size_t hits = 0;              // that it was fitted on
  double leave_one_out_percent = 0;  // the largest error of a hit by the constants of all the others
};

// Absent: fewer than four, or none of them takes an exception.
std::optional<FittedConstants> fit_constants(const std::vector<TimedHit>& hits);
// Rows of a target whose clock is time and whose PMU counted the instructions.
std::vector<TimedHit> timed_hits(const std::vector<CellRecord>& cells);

// How many times dearer int3 is than a jump on the same site, where a trap takes so long.
struct CurvePoint {
  double trap_ns = 0;
  Interval ratio;  // over how long an instruction takes by the sources
};

struct SourceMark {
  std::string_view source;
  std::string_view machine;
  Interval trap_ns;
  Interval ratio;
};

// R(T) = (int3 + n T) / jump.
struct TimeCurve {
  double int3 = 0;  // instructions of a hit
  double jump = 0;
  int exceptions = 0;  // n: of the int3
  std::vector<CurvePoint> points = {};
  bool borrowed = false;  // int3 and jump are as on 6.12: this target counted no instructions
  std::vector<SourceMark> marks = {};
  std::optional<SourceMark> measured = {};  // by a trap that was timed in the same run
  Interval ratio = {};                      // of all sources
  std::optional<FittedConstants> fit = {};
  std::optional<double> fitted_ratio = {};
};

// `cells` are one target's, `trap_ns` what an int3 took there. Absent: the instructions of the int3 or of the
// jump were not counted, and no trap was timed.
std::optional<TimeCurve> time_curve(const std::vector<CellRecord>& cells,
                                    const std::optional<Span>& trap_ns = {});

}  // namespace probebench::reproduce
