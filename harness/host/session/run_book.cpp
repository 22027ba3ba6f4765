// SPDX-License-Identifier: MIT
#include "session/run_book.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace probebench::session {
namespace {

template <class Record>
void append(const std::vector<Record>& told, std::vector<Record>& all) {
  all.insert(all.end(), told.begin(), told.end());
}

// Each guest has neighbours of the plan's experiments, so one after the other is the plan's order.
void append(const Experiments& told, Experiments& all) {
  append(told.surface, all.surface);
  append(told.control_plane, all.control_plane);
  append(told.kretprobe_misses, all.kretprobe_misses);
  append(told.workloads, all.workloads);
  append(told.suites, all.suites);
  append(told.pruned, all.pruned);
  append(told.traps, all.traps);
}

// Guests that share the cells of a target, made one.
class Merging {
 public:
  explicit Merging(const std::vector<std::string>& planned) {
    for (std::size_t i = 0; i < planned.size(); ++i) position_[planned[i]] = i;
    planned_.insert(planned.begin(), planned.end());
  }

  void add(const TargetPage& page) {
    if (!page.target) return;
    whole_.complete = (!whole_.target || whole_.complete) && page.complete;
    take_target(*page.target);
    for (const auto& cell : page.cells) cells_[position_of(cell.result.cell.name())] = cell;
    for (const auto& anatomy : page.anatomies) anatomies_[position_of(anatomy.cell)] = anatomy;
    append(page.experiments, whole_.experiments);
    if (page.target->in_flight) in_flight_.insert(*page.target->in_flight);
  }

  TargetPage page() {
    if (!whole_.target) return {};
    for (auto& [position, cell] : cells_) {
      position_.erase(cell.result.cell.name());
      whole_.cells.push_back(std::move(cell));
    }
    for (auto& [position, anatomy] : anatomies_) whole_.anatomies.push_back(std::move(anatomy));
    tell_open_cells();
    return std::move(whole_);
  }

 private:
  std::size_t position_of(const std::string& name) const {
    const auto found = position_.find(name);
    return found == position_.end() ? position_.size() : found->second;
  }

  // What one guest is, all are: else they have not measured one target.
  void take_target(const TargetRecord& told) {
    if (!whole_.target) {
      whole_.target = told;
      return;
    }
    auto& target = *whole_.target;
    if (target.fingerprint.empty()) {
      target.info = told.info;
      target.fingerprint = told.fingerprint;
    }
    if (target.ended.empty()) target.ended = told.ended;
    if (told.fingerprint.empty() || told.fingerprint == target.fingerprint) return;
    target.ended = "guests of one target differ: their fingerprints are " + target.fingerprint + " and " +
                   told.fingerprint;
    whole_.complete = false;
  }

  // One cell is in flight; what another guest had begun is measured as little as what none had.
  void tell_open_cells() {
    std::map<std::size_t, std::string> open;
    for (const auto& [name, position] : position_) open.emplace(position, name);
    auto& target = *whole_.target;
    target.in_flight.reset();
    for (const auto& name : in_flight_) {
      if (!planned_.contains(name)) target.in_flight = name;  // a step of an experiment
    }
    target.not_run.clear();
    for (auto& [position, name] : open) {
      if (!target.in_flight && in_flight_.contains(name)) {
        target.in_flight = std::move(name);
      } else {
        target.not_run.push_back(std::move(name));
      }
    }
    whole_.complete = whole_.complete && open.empty();
  }

  std::map<std::string, std::size_t> position_;  // of the cells that are open
  std::set<std::string> planned_;
  std::map<std::size_t, CellRecord> cells_;
  std::map<std::size_t, anatomy::Anatomy> anatomies_;
  std::set<std::string> in_flight_;
  TargetPage whole_;
};

}  // namespace

ExitCode exit_code_of_cells(const std::vector<CellRecord>& cells) {
  const auto is = [&](CellStatus status) {
    return [status](const CellRecord& cell) { return cell.result.status == status; };
  };
  if (std::ranges::any_of(cells, is(CellStatus::errored))) return ExitCode::cell_failed;
  if (std::ranges::any_of(cells, is(CellStatus::invalid))) return ExitCode::cell_failed;
  return std::ranges::any_of(cells, is(CellStatus::measured)) ? ExitCode::fine : ExitCode::nothing_measured;
}

ExitCode combined(const std::vector<ExitCode>& codes) {
  const auto any = [&](ExitCode code) { return std::ranges::find(codes, code) != codes.end(); };
  const auto first = codes.front();
  if (std::ranges::all_of(codes, [first](ExitCode code) { return code == first; })) return first;
  if (any(ExitCode::interrupted)) return ExitCode::interrupted;
  if (any(ExitCode::usage)) return ExitCode::usage;
  if (any(ExitCode::cell_failed) || any(ExitCode::unavailable)) return ExitCode::cell_failed;
  return ExitCode::fine;  // something was measured on one of them
}

TargetPage merged(const std::vector<TargetPage>& guests, const std::vector<std::string>& planned) {
  if (planned.empty() && guests.size() < 2) return guests.empty() ? TargetPage{} : guests.front();
  Merging merging(planned);
  for (const auto& page : guests) merging.add(page);
  return merging.page();
}

void RunBook::share(std::size_t target, std::vector<std::string> planned) {
  const std::lock_guard lock(mutex_);
  pages_[target].planned = std::move(planned);
}

Status RunBook::write(PagePlace place, const TargetPage& page) {
  const std::lock_guard lock(mutex_);
  auto& guests = pages_[place.target].guests;
  guests.resize(std::max(guests.size(), place.guest + 1));
  guests[place.guest] = page;
  return write_all();
}

// A few cells are soon written, and somebody waits for the first.
constexpr std::size_t kAlwaysWritten = 16;

Status RunBook::update(PagePlace place, const TargetPage& page) {
  {
    const std::lock_guard lock(mutex_);
    if (page.cells.size() > kAlwaysWritten && Clock::now() < not_before_) return Done{};
  }
  return write(place, page);
}

Status RunBook::write_all() {
  constexpr int kRestBetween = 9;  // times as long as it took
  const auto began = Clock::now();
  auto status = directory_.write(composed());
  const auto ended = Clock::now();
  not_before_ = ended + kRestBetween * (ended - began);
  return status;
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
  auto told = merged_pages();
  std::erase_if(told, [](const auto& page) { return !page.target; });
  return told;
}

std::vector<TargetPage> RunBook::merged_pages() const {
  std::vector<TargetPage> all;
  all.reserve(pages_.size());
  for (const auto& [guests, planned] : pages_) all.push_back(merged(guests, planned));
  return all;
}

RunRecord RunBook::composed() const {
  RunRecord record = head_;
  auto pages = merged_pages();
  for (auto& page : pages) {
    if (!page.target) continue;
    record.targets.push_back(*page.target);
    std::ranges::move(page.cells, std::back_inserter(record.cells));
    const auto& ended = page.target->ended;
    if (record.ended.empty() && !ended.empty()) {
      record.ended = pages_.size() > 1 ? page.target->info.id + ": " + ended : ended;
    }
  }
  record.complete = record.ended.empty() && std::ranges::all_of(pages, &TargetPage::complete);
  return record;
}

}  // namespace probebench::session
