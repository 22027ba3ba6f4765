// SPDX-License-Identifier: MIT
#include "anatomy/anatomy.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "anatomy/walk.h"

namespace probebench::anatomy {
namespace {

bool starts_a_run(const std::vector<Run>& runs, const Run& run) {
  const bool enters = run.arrival == Arrival::call || run.arrival == Arrival::exception;
  if (runs.empty() || enters) return true;
  const auto& last = runs.back();
  return last.symbol != run.symbol || last.depth != run.depth || last.phase != run.phase;
}

std::vector<Run> runs_of(const std::vector<Visit>& visits, const std::vector<std::string>& names) {
  const auto phases = phases_of(visits, names);
  std::vector<Run> runs;
  for (std::size_t i = 0; i < visits.size(); ++i) {
    Run run{names[i], visits[i].depth, phases[i], visits[i].arrival, 1};
    if (starts_a_run(runs, run)) {
      runs.push_back(std::move(run));
    } else {
      ++runs.back().count;
    }
  }
  return runs;
}

std::vector<std::pair<std::string, std::uint64_t>> counts_of(const Turn& turn, const SymbolTable& symbols) {
  std::vector<std::pair<std::string, std::uint64_t>> counts;
  std::unordered_map<std::string, std::size_t> places;
  for (const auto& step : turn.steps) {
    const auto [place, is_new] = places.try_emplace(symbols.name_of(step.address), counts.size());
    if (is_new) counts.emplace_back(place->first, 0);
    ++counts[place->second].second;
  }
  return counts;
}

bool is_of_module(std::string_view owned) {
  return owned.starts_with(" [") && !owned.starts_with(" [bpf") && !owned.starts_with(" [__builtin");
}

// A call leads to where a function begins. One into a module's middle leads behind its text, where the
// nearest symbol is that of another function.
void name_far_calls(const Turn& turn, const SymbolTable& symbols, const std::vector<Visit>& visits,
                    std::vector<std::string>& names) {
  std::string nearest;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto owner = std::min(names[i].find(" ["), names[i].size());
    const bool far = visits[i].arrival == Arrival::call && is_of_module(names[i].substr(owner)) &&
                     !symbols.begins_at(turn.steps[i].address);
    if (far) nearest = names[i];
    if (!far && (visits[i].arrival != Arrival::onward || names[i] != nearest)) nearest.clear();
    if (!nearest.empty()) names[i].replace(0, owner, kFarCall);
  }
}

Error wrong_total(std::string_view whose, std::uint64_t recorded, double counted) {
  return {Fault::cell,
          fmt::format("the recorded path of {} has {} instructions, its windows counted {:g}", whose,
                      recorded, counted),
          0,
          {}};
}

bool equal(std::uint64_t recorded, double counted) {
  return static_cast<double>(recorded) == counted;
}

class Ledger {
 public:
  void add(const Anatomy& anatomy, std::uint64_t SymbolDifference::*side) {
    for (const auto& run : anatomy.runs) row_of(run.symbol).*side += run.count;
  }
  std::vector<SymbolDifference> rows() && { return std::move(rows_); }

 private:
  SymbolDifference& row_of(const std::string& symbol) {
    const auto [place, is_new] = places_.try_emplace(symbol, rows_.size());
    if (is_new) rows_.push_back({symbol});
    return rows_[place->second];
  }

  std::vector<SymbolDifference> rows_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

std::uint64_t Anatomy::total() const {
  return std::accumulate(runs.begin(), runs.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Run& run) { return sum + run.count; });
}

std::uint64_t Anatomy::of_phase(Phase phase) const {
  std::uint64_t sum = 0;
  for (const auto& run : runs) sum += run.phase == phase ? run.count : 0;
  return sum;
}

Result<Anatomy> dissect(const RecordedLoops& loops, const SymbolTable& symbols) {
  const auto twin = TRY(last_turn(loops.twin, loops.calls));
  const auto site = TRY(last_turn(loops.site, loops.calls));
  const auto visits = TRY(walk(site, verify::Disassembler(loops.arch)));
  std::vector<std::string> names;
  names.reserve(site.steps.size());
  Anatomy anatomy;
  for (const auto& step : site.steps) {
    names.push_back(symbols.name_of(step.address));
    if (names.back().starts_with(kBpfProgram)) ++anatomy.steps.bpf[step.address];
  }
  if (loops.arch == ArchId::arm64) name_far_calls(site, symbols, visits, names);
  anatomy.runs = runs_of(visits, names);
  anatomy.baseline = twin.steps.size();
  anatomy.steps.unprobed = counts_of(twin, symbols);
  anatomy.repetitions =
      static_cast<std::int64_t>(repetitions(site.steps)) - static_cast<std::int64_t>(repetitions(twin.steps));
  anatomy.exceptions = static_cast<std::uint64_t>(
      std::ranges::count(visits, Arrival::exception, [](const Visit& visit) { return visit.arrival; }));
  return anatomy;
}

Status check_totals(const Anatomy& anatomy, const Counted& counted) {
  if (!equal(anatomy.baseline, counted.baseline_per_call)) {
    return wrong_total("an unprobed call", anatomy.baseline, counted.baseline_per_call);
  }
  const double total = counted.instructions_per_hit + counted.baseline_per_call;
  if (!equal(anatomy.total(), total)) {
    return wrong_total("a hit and its call", anatomy.total(), total);
  }
  return Done{};
}

std::vector<SymbolDifference> difference(const Anatomy& first, const Anatomy& second) {
  Ledger ledger;
  ledger.add(first, &SymbolDifference::first);
  ledger.add(second, &SymbolDifference::second);
  return std::move(ledger).rows();
}

}  // namespace probebench::anatomy
