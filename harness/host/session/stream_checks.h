// SPDX-License-Identifier: MIT
// The checks behind the table of stream_rules.cpp: of lines, of the records' order, of a cell's figures and
// of an experiment's.
#pragma once

#include "session/stream_state.h"

namespace probebench::session::check {

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

}  // namespace probebench::session::check
