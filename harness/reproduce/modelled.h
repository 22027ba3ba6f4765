// SPDX-License-Identifier: MIT
// What counted instructions and exceptions would take in time, with constants from published figures. Never a
// measurement.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reproduce/per_hit.h"

namespace probebench {

// What somebody measured in time, and how long the same paths are as this project counts them.
struct PublishedTimes {
  std::string_view source;  // of the claim
  std::string_view about;   // machine
  double stepped_ns = 0;
  std::optional<double> boosted_ns;
  double optimized_ns = 0;
  double rounding_ns = 0;           // half of the last digit that was printed
  double stepped_instructions = 0;  // path lengths
  double boosted_instructions = 0;
  double optimized_instructions = 0;
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

}  // namespace probebench
