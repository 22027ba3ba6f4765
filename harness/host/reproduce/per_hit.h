// SPDX-License-Identifier: MIT
// What one hit costs by mechanism, against both int3 denominators.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/handler.h"
#include "model/run_record.h"

namespace probebench::reproduce {

struct PerHitRow {
  Cell cell;
  ProbeState state = ProbeState::unknown;
  double per_hit = 0;  // in the target's clock unit
  // How many times dearer one hit by int3 is, with the same handler: the "10x" of the claims. Absent where
  // the target has no such int3.
  std::optional<double> ratio_to_stepped;
  std::optional<double> ratio_to_boosted;
};

struct PerHit {
  std::vector<PerHitRow> rows;
  std::string note;  // why a row that the claims are about is missing; empty: none is
};

// `cells` are one target's.
PerHit per_hit_of(const std::vector<CellRecord>& cells);

// The measured row of a probe type in the helper module's loop; nullptr: none.
const PerHitRow* find_row(const PerHit& per_hit, ProbeType probe_type, HandlerChoice handler);

// What counted instructions and exceptions would take in time, with constants from published figures. Never a
// measurement.

// How long the paths are that were timed, as this project counts them.
struct PathLengths {
  double stepped = 0;
  double boosted = 0;  // 0: no such path
  double optimized = 0;
};

// What somebody measured in time. Which lengths the timed kernel had is not known exactly: the first are the
// likeliest, the others widen the range.
struct PublishedTimes {
  std::string_view source;  // of the claim
  double stepped_ns = 0;
  std::optional<double> boosted_ns;
  double optimized_ns = 0;
  double rounding_ns = 0;  // half of the last digit that was printed
  std::vector<PathLengths> lengths;
};

struct Range {
  double low = 0;
  double value = 0;
  double high = 0;
};

struct TimeConstants {
  Range instruction_ns;
  Range exception_ns;
};

// One instruction from the optimized probe, which takes no exception; one exception from what the int3
// probes take beyond their instructions.
TimeConstants constants_of(const PublishedTimes& times);

struct ModelledTime {
  ProbeType probe_type = ProbeType::kprobe_stepped;
  ProbeState state = ProbeState::unknown;
  Range ns;
  std::string source;
};

// Exceptions that one hit of a probe in this state takes.
int exceptions_of(ProbeState state);

// One for each row of the module's own loop with a handler that does nothing, by each source.
std::vector<ModelledTime> modelled_times(const PerHit& per_hit);

}  // namespace probebench::reproduce
