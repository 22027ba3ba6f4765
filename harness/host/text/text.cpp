// SPDX-License-Identifier: MIT
#include "text/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace probebench::text {
namespace {

// Columns on a terminal: the text holds no wide characters, but a few of more than one byte ("±").
std::size_t display_width(std::string_view text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues));
}

std::string padded(std::string_view text, std::size_t width, Align align) {
  const std::string blanks(width - display_width(text), ' ');
  return align == Align::left ? fmt::format("{}{}", text, blanks) : fmt::format("{}{}", blanks, text);
}

std::string line_of(const std::vector<std::string>& cells, std::string_view separator) {
  std::string line;
  for (const auto& cell : cells) {
    if (!line.empty()) line += separator;
    line += cell;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// A line that begins within a text would be taken for one of ours.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

std::string wrapped(std::string_view first, std::string_view whole, std::size_t indent) {
  const auto line = on_one_line(std::string(whole));
  std::string_view text(line);
  std::string result(first);
  std::size_t column = display_width(first);
  bool line_is_empty = true;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!line_is_empty && column + 1 + display_width(word) > kTerminalWidth) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!line_is_empty) {
      result += ' ';
      ++column;
    }
    result += word;
    column += display_width(word);
    line_is_empty = false;
  }
  return result + "\n";
}

std::size_t width_of(const Column& column) {
  std::size_t width = display_width(column.header);
  for (const auto& cell : column.cells) width = std::max(width, display_width(cell));
  return width;
}

void add_row(std::vector<Column>& columns, std::vector<std::string> cells) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i].cells.push_back(on_one_line(std::move(cells[i])));
  }
}

std::string layout(const std::vector<Column>& columns) {
  std::vector<std::size_t> widths;
  for (const auto& column : columns) widths.push_back(width_of(column));
  const std::size_t total = std::accumulate(widths.begin(), widths.end(), 2 * (columns.size() - 1));
  const std::string_view separator = total <= kTerminalWidth ? "  " : " ";
  std::string text;
  for (std::size_t row = 0; row <= columns.front().cells.size(); ++row) {
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto& cell = row == 0 ? columns[i].header : columns[i].cells[row - 1];
      cells.push_back(padded(cell, widths[i], columns[i].align));
    }
    text += line_of(cells, separator);
  }
  return text;
}

}  // namespace probebench::text
