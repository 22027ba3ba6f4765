// SPDX-License-Identifier: MIT
#include "results/cell_texts.h"

#include <array>
#include <cstring>
#include <utility>

namespace probebench::results {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;
constexpr std::size_t kLongestHead = std::size_t{64} << 20;  // facts of some hundred targets are one or two
constexpr auto kNowhere = std::string::npos;
constexpr std::string_view kCells = "\"cells\":";

// libc's search is optimized where this program is not.
std::size_t find(std::string_view text, std::string_view wanted, std::size_t from) {
  const void* found = ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr) return kNowhere;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

struct CellTexts::Layout {
  std::string_view first;     // before the first cell, and its first letter
  std::string_view between;   // two cells
  std::size_t end_of_one;     // in `between`
  std::size_t begin_of_next;  // in `between`
  std::string_view end;       // behind the last cell
  std::string_view no_cells;  // for all of them, behind the head
};

std::optional<std::string> CellTexts::head() {
  static constexpr std::array<Layout, 2> kLayouts{
      {{"\"cells\": [\n    {", ",\n    {", 0, 6, "\n  ]\n}", " []\n}"},  // write_results()
       {"\"cells\":[{", "},{\"name\":\"", 1, 2, "]}", "[]}"}}};          // published, by Python
  while (refill()) {
    for (const auto& layout : kLayouts) {
      const auto found = find(buffer_, layout.first, 0);
      if (found == kNowhere) continue;
      layout_ = &layout;
      at_ = found + layout.first.size() - 1;
      return buffer_.substr(0, found) + std::string(kCells) + std::string(layout.no_cells);
    }
    if (buffer_.size() > kLongestHead) break;
  }
  return std::nullopt;
}

std::optional<std::string_view> CellTexts::next() {
  if (layout_ == nullptr || ended_) return std::nullopt;
  for (auto from = at_;;) {
    const auto found = find(buffer_, layout_->between, from);
    if (found != kNowhere) {
      const auto begin = std::exchange(at_, found + layout_->begin_of_next);
      return std::string_view(buffer_).substr(begin, found + layout_->end_of_one - begin);
    }
    const auto searched = buffer_.size() - at_;
    if (!refill()) return last();
    from = searched < layout_->between.size() ? 0 : searched - layout_->between.size();
  }
}

std::optional<std::string_view> CellTexts::last() {
  ended_ = true;
  std::string_view text(buffer_);
  text.remove_prefix(at_);
  if (text.ends_with('\n')) text.remove_suffix(1);
  ended_well_ = text.ends_with(layout_->end);
  if (!ended_well_) return std::nullopt;
  text.remove_suffix(layout_->end.size());
  return text;
}

// The cells before `at_` are gone then.
bool CellTexts::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const auto had = buffer_.size();
  buffer_.resize(had + kPiece);
  const auto got = more_(std::span(buffer_).subspan(had));
  buffer_.resize(had + got);
  return got > 0;
}

}  // namespace probebench::results
