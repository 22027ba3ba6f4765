// SPDX-License-Identifier: MIT
// Layout of plain text for a terminal of 80 columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/cell.h"
#include "model/run_record.h"
#include "model/sample.h"

namespace probebench::text {

inline constexpr std::size_t kTerminalWidth = 80;

// `first` then `text`, broken at blanks; continuation lines are indented by `indent`. Ends with a newline.
std::string wrapped(std::string_view first, std::string_view text, std::size_t indent);

enum class Align { left, right };

struct Column {
  std::string header;
  Align align = Align::left;
  std::vector<std::string> cells;
};

// Columns on a terminal that the widest of its cells takes.
std::size_t width_of(const Column& column);

// Adds a cell to each column.
void add_row(std::vector<Column>& columns, std::vector<std::string> cells);

// One line for the headers and one for each row; two blanks between columns where 80 columns allow it, else
// one. All columns have the same number of cells.
std::string layout(const std::vector<Column>& columns);

// What the cost column counts on a target, and how to say so.

struct Unit {
  std::optional<Metric> Summary::*metric;
  std::string_view header;      // of the column
  std::string_view meaning;     // for the line below the table
  std::string_view known_note;  // a note that every row has, said once by `meaning`
};

// Of the metrics that may lead on the target, the first that every measured row has, else the last.
Unit unit_for(const TargetInfo& target, const std::vector<const CellRecord*>& rows);

// "vm, QEMU 7.2.22 TCG, Linux 6.12...: one insn is ..."
std::string machine_and_unit(const TargetInfo& target, const Unit& unit);

// What others had on while the target was measured, and is in its figures: a tracer, kprobes. Empty: nothing.
std::string foreign_work(const TargetInfo& target);

// Cells by what tells them apart: the site where a probe type has several, the handler and the threads where
// there are several.

class CellNames {
 public:
  // `shown`: its handler and threads count, too.
  void add(const Cell& cell, bool shown = true);

  std::string probe(const Cell& cell) const;
  // Handler and threads, as far as the cells differ in them; may be empty.
  std::string conditions(const Cell& cell) const;
  std::string full(const Cell& cell) const;

 private:
  std::map<ProbeType, std::set<SiteId>> sites_;
  std::set<HandlerChoice> handlers_;
  std::set<std::uint32_t> threads_;
};

// The row's figure in this unit; nullptr: it has none, or one that says nothing.
const Metric* figure_of(const CellRecord& row, const Unit& unit);
// "255 ±3989861"; digits only as far as the interval leaves them certain.
std::string interval_text(const Metric& metric);
bool was_measured(const CellRecord* row);
// Of a measured row that has none in this unit: "too noisy: 255 ±3989861; see ..".
std::string why_no_figure(const CellRecord& row, const Unit& unit);

// Why the cell has no figure, and what would provide what it lacks.
std::string reason_of(const CellResult& result);

}  // namespace probebench::text
