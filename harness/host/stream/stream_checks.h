// SPDX-License-Identifier: MIT
// The checks behind the table of stream_rules.cpp: of lines, of the records' order, of a cell's figures and
// of an experiment's.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/cell.h"
#include "model/plan.h"
#include "wire/records.h"
#include "wire/seal.h"

namespace probebench::stream {

// What a rule on a target's stream is checked against.

// What the stream has been so far.
struct StreamSoFar {
  Plan plan;
  std::chrono::seconds patience{};                         // between records that bring the run forward
  std::size_t bytes = 0;                                   // of all lines, the one that arrives included
  std::optional<std::vector<std::string>> announced = {};  // absent: no hello
  std::optional<std::string> in_flight = {};
  std::map<std::string, std::size_t> ended = {};  // how often each cell did
  std::string measured_last = {};                 // the cell that ended just now; empty: it was not measured
  bool listed = false;                            // cells were listed, not measured
  std::size_t surface_points = 0;
  std::size_t predictions = 0;
  std::size_t costs = 0;
  ArchId arch = kOwnArch;  // the target's, which is not for it to say
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

namespace check {

using Why = std::optional<std::string>;

// Of the line, before it is read
Why line_length(const StreamSoFar& so_far, const Arrival& arrival);
Why stream_size(const StreamSoFar& so_far, const Arrival& arrival);
Why progress(const StreamSoFar& so_far, const Arrival& arrival);
Why seal(const StreamSoFar& so_far, const Arrival& arrival);
Why nesting(const StreamSoFar& so_far, const Arrival& arrival);
Why readable(const StreamSoFar& so_far, const Arrival& arrival);

// Of the order, and against the plan
Why hello_first(const StreamSoFar& so_far, const Arrival& arrival);
Why hello_once(const StreamSoFar& so_far, const Arrival& arrival);
Why hello_cells(const StreamSoFar& so_far, const Arrival& arrival);
Why hello_kernel(const StreamSoFar& so_far, const Arrival& arrival);
Why begin_announced(const StreamSoFar& so_far, const Arrival& arrival);
Why begin_alone(const StreamSoFar& so_far, const Arrival& arrival);
Why begin_once(const StreamSoFar& so_far, const Arrival& arrival);
Why end_of_begun(const StreamSoFar& so_far, const Arrival& arrival);
Why name_of_cell(const StreamSoFar& so_far, const Arrival& arrival);
Why paths_wanted(const StreamSoFar& so_far, const Arrival& arrival);
Why list_wanted(const StreamSoFar& so_far, const Arrival& arrival);
Why experiment_planned(const StreamSoFar& so_far, const Arrival& arrival);
Why exit_code(const StreamSoFar& so_far, const Arrival& arrival);
Why last_word(const StreamSoFar& so_far, const Arrival& arrival);
Why all_cells(const StreamSoFar& so_far, const Arrival& arrival);
Why all_experiments(const StreamSoFar& so_far, const Arrival& arrival);

// Of a measured cell
Why rounds(const StreamSoFar& so_far, const Arrival& arrival);
Why calls(const StreamSoFar& so_far, const Arrival& arrival);
Why threads(const StreamSoFar& so_far, const Arrival& arrival);
Why counting(const StreamSoFar& so_far, const Arrival& arrival);
Why figures(const StreamSoFar& so_far, const Arrival& arrival);
Why verdict(const StreamSoFar& so_far, const Arrival& arrival);
Why told_hits(const StreamSoFar& so_far, const Arrival& arrival);
Why overhead(const StreamSoFar& so_far, const Arrival& arrival);
Why disassembly(const StreamSoFar& so_far, const Arrival& arrival);
// Of a cell of any status
Why reason(const StreamSoFar& so_far, const Arrival& arrival);

// Of a part of an experiment that says it was measured
Why experiment_hits(const StreamSoFar& so_far, const Arrival& arrival);
Why experiment_figures(const StreamSoFar& so_far, const Arrival& arrival);

}  // namespace check

}  // namespace probebench::stream
