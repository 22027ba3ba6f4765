// SPDX-License-Identifier: MIT
// The cells of a results.json one after the other, as text: the whole of a hundred thousand takes a gigabyte.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace probebench::results {

// Cuts where the program begins a cell, in either of the two ways in which its files are laid out: no text
// inside a JSON document can hold these letters, since line ends and quotes are escaped there. What else is
// JSON is for its reader to find out.
class CellTexts {
 public:
  // Fills some of the place; 0: there is no more.
  using More = std::function<std::size_t(std::span<char> place)>;

  explicit CellTexts(More more) : more_(std::move(more)) {}

  // First: the document without its cells. Absent: it is laid out otherwise.
  std::optional<std::string> head();
  // Until the next call. Absent: there is none.
  std::optional<std::string_view> next();
  // All cells were there: the document ended as it should.
  bool ended_well() const { return ended_well_; }

 private:
  struct Layout;
  bool refill();
  std::optional<std::string_view> last();

  More more_;
  const Layout* layout_ = nullptr;
  std::string buffer_;
  std::size_t at_ = 0;  // where the next cell begins in it
  bool ended_well_ = false;
  bool ended_ = false;
};

}  // namespace probebench::results
