// SPDX-License-Identifier: MIT
// What one interleaved session measured: for each cell, pairs of base and head, and the A/A control beside
// them. Kept as session.json, so that a session can be judged again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace probebench::gate {

// One value per block, in the order they were measured; NaN in memory and null in the file where the block
// has none.
struct PairedValues {
  std::vector<double> base;
  std::vector<double> head;
  std::vector<double> control;  // the base once more
};

struct PairedCell {
  std::string name;
  std::string metric;
  double resolution = 0;  // smallest step of the counter, as a share of the base
  PairedValues values;
  std::optional<PairedValues> confirmation;  // a fresh session of a cell that was red
};

struct Session {
  std::uint64_t seed = 1;    // of the bootstrap
  std::size_t blocks = 0;    // planned ones
  bool extended = false;     // twice as many, because too many cells were undecided
  bool identical = false;    // both sides are the same binaries on the same kernel: an A/A
  bool relinked = false;     // every visit was of a layout of its own
  std::size_t layouts = 0;   // of the base, handed in, that the control's visits take in turn
  bool any_handler = false;  // the sides differ in the handler: cells are named without it
  std::vector<PairedCell> cells;
};

inline constexpr const char* kSessionFile = "session.json";

std::string write_session(const Session& session);
Result<Session> read_session(std::string_view text, std::string_view source);

}  // namespace probebench::gate
