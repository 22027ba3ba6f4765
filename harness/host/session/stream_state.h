// SPDX-License-Identifier: MIT
// What a rule on a target's stream is checked against.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cell.h"
#include "wire/records.h"
#include "wire/seal.h"

namespace probebench::session {

// What the stream has been so far.
struct StreamSoFar {
  Plan plan;
  std::chrono::seconds patience{};  // between records that bring the run forward
  std::optional<bool> sealed = {};  // absent: no line came; a line is sealed, or none is
  std::size_t bytes = 0;            // of all lines, the one that arrives included
  std::optional<std::vector<std::string>> announced = {};  // absent: no hello
  std::optional<std::string> in_flight = {};
  std::map<std::string, std::size_t> ended = {};  // how often each cell did
  std::string measured_last = {};                 // the cell that ended just now; empty: it was not measured
  bool listed = false;                            // cells were listed, not measured
  std::size_t surface_points = 0;
  std::size_t predictions = 0;
};

// What arrives. First the line by itself, then what was read from it.
struct Arrival {
  std::string_view line;
  wire::SealFound seal = wire::SealFound::absent;
  std::chrono::seconds idle{};           // since the last record that brought the run forward
  const wire::Record* record = nullptr;  // absent: the line was not read yet
  std::string unreadable = {};           // why it could not be read
};

// Why the rule is broken, or nothing.
using StreamCheck = std::optional<std::string> (*)(const StreamSoFar& so_far, const Arrival& arrival);

}  // namespace probebench::session
