// SPDX-License-Identifier: MIT
// Layout of plain text for a terminal of 80 columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace probebench::text
