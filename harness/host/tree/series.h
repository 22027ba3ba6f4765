// SPDX-License-Identifier: MIT
// What each commit of a series does to the cost of probes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/progress.h"
#include "tree/commit_lab.h"

namespace probebench::tree {

struct SeriesRow {
  std::string cell;
  std::vector<std::optional<double>> values;  // of each commit that was measured; none: it has no exact count
  bool follows_layout = false;                // padding that does nothing moves it

  // What the last commit before that one had, if any had one.
  const double* before(std::size_t column) const;
};

struct Series {
  std::vector<Commit> measured;                          // the base in front, oldest first
  std::vector<std::pair<Commit, std::string>> left_out;  // and why
  std::vector<SeriesRow> rows;                           // that any commit changes
  std::size_t unchanged = 0;
  bool padded = false;  // a variant of the base was measured as a control of layout
};

// The rows that change from column to column. `control`: the base once more, laid out otherwise; null: none.
void fill_rows(Series& series, const std::vector<gate::Side>& sides, const gate::Side* control);

// `range` is BASE..HEAD. What does not build, or cannot be measured, is left out. `padded`: the base is
// measured once more with padding in front of the kernel's text and data.
Result<Series> measure_series(const TreeRequest& request, const std::string& range, bool padded,
                              kernels::Progress& progress);

}  // namespace probebench::tree
