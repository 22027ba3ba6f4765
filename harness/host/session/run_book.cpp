// SPDX-License-Identifier: MIT
#include "session/run_book.h"

#include <algorithm>
#include <iterator>

namespace probebench::session {

Status RunBook::write(std::size_t target, TargetPage page) {
  const std::lock_guard lock(mutex_);
  pages_[target] = std::move(page);
  return directory_.write(composed());
}

Status RunBook::finish(const std::string& ended) {
  const std::lock_guard lock(mutex_);
  head_.ended = ended;
  const auto record = composed();
  // A run in which no target came up is no run.
  return record.targets.empty() ? Status(Done{}) : directory_.write(record);
}

void RunBook::set_rounds(std::uint32_t rounds, std::uint64_t seed) {
  const std::lock_guard lock(mutex_);
  head_.rounds = rounds;
  head_.seed = seed;
}

RunRecord RunBook::record() const {
  const std::lock_guard lock(mutex_);
  return composed();
}

std::vector<TargetPage> RunBook::pages() const {
  const std::lock_guard lock(mutex_);
  std::vector<TargetPage> told;
  std::ranges::copy_if(pages_, std::back_inserter(told),
                       [](const auto& page) { return page.target.has_value(); });
  return told;
}

RunRecord RunBook::composed() const {
  RunRecord record = head_;
  for (const auto& page : pages_) {
    if (!page.target) continue;
    record.targets.push_back(*page.target);
    record.cells.insert(record.cells.end(), page.cells.begin(), page.cells.end());
    const auto& ended = page.target->ended;
    if (record.ended.empty() && !ended.empty()) {
      record.ended = pages_.size() > 1 ? page.target->info.id + ": " + ended : ended;
    }
  }
  record.complete = record.ended.empty() && std::ranges::all_of(pages_, &TargetPage::complete);
  return record;
}

}  // namespace probebench::session
