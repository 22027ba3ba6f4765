// SPDX-License-Identifier: MIT
#include "session/target_anatomies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "anatomy/path.h"

namespace probebench::session {
namespace {

std::vector<anatomy::NamedRange> ranges_of(const CellRecord& cell) {
  const auto& evidence = cell.result.evidence;
  std::vector<anatomy::NamedRange> ranges;
  const auto add = [&](std::uint64_t address, std::size_t length, std::string_view name) {
    if (address != 0) ranges.push_back({address, address + length, std::string(name)});
  };
  add(evidence.slot_address, evidence.slot.size(), anatomy::kSlotName);
  add(evidence.detour_address, evidence.detour.size(), anatomy::kDetourName);
  const auto& site = info_of(cell.result.cell.site);
  if (cell.result.cell.driver == DriverId::user) {
    add(evidence.site_address, evidence.before.size(), site.symbol);
  }
  return ranges;
}

Status check_against(const anatomy::Anatomy& anatomy, const Summary& summary) {
  const auto& per_hit = summary.instructions_per_hit;
  const auto& baseline = summary.baseline_per_call;
  if (per_hit && baseline && per_hit->metric_class == MetricClass::exact) {
    return anatomy::check_totals(anatomy, {per_hit->value, baseline->value});
  }
  return Error{
      Fault::cell, "the count of this cell is not exact, so no path can be checked against it", 0, {}};
}

// A hit in many of a user's probe may take a longer path, where a buffer needs its next page for example. The
// count, an average, is then no whole number, and the path is that of the others.
bool is_of_most_hits(const anatomy::Anatomy& anatomy, const Summary& summary) {
  constexpr double kMostBeyond = 0.05;
  const auto& per_hit = summary.instructions_per_hit;
  const auto& baseline = summary.baseline_per_call;
  if (!per_hit || !baseline || per_hit->metric_class != MetricClass::exact) return false;
  const auto recorded = static_cast<double>(anatomy.per_hit());
  const bool average = per_hit->value != std::floor(per_hit->value);
  return average && static_cast<double>(anatomy.baseline) == baseline->value &&
         std::abs(per_hit->value - recorded) <= kMostBeyond * per_hit->value;
}

class Dissection {
 public:
  Dissection(const ToldPaths& told, const anatomy::SymbolTable& symbols,
             const std::vector<anatomy::Path>& paths)
      : told_(told), symbols_(symbols), paths_(paths) {}

  Result<anatomy::Anatomy> of(const CellRecord& cell) const {
    const auto name = cell.result.cell.name();
    const auto loops = std::ranges::find(told_.cells, name, &wire::CellPaths::name);
    if (loops == told_.cells.end()) return Error{Fault::cell, "its path was not recorded", 0, {}};
    const auto table = TRY(symbols_.with(loops->loops.symbols, ranges_of(cell)));
    auto recorded = TRY(loops_of(loops->loops));
    recorded.arch = cell.result.evidence.arch;
    auto anatomy = anatomy::dissect(recorded, table);
    if (!anatomy) return anatomy;
    anatomy->cell = name;
    anatomy->target = cell.target;
    const bool most = cell.result.cell.external && is_of_most_hits(*anatomy, cell.summary);
    if (!most) TRY(check_against(*anatomy, cell.summary));
    return anatomy;
  }

 private:
  // Their numbers begin with 1.
  Result<anatomy::RecordedLoops> loops_of(const MarkedLoops& loops) const {
    const auto last = std::max(loops.twin, loops.site);
    if (last <= paths_.size() && loops.twin > 0 && loops.site > 0) {
      return anatomy::RecordedLoops{paths_[loops.twin - 1], paths_[loops.site - 1], loops.calls};
    }
    return Error{
        Fault::cell, fmt::format("{} paths were recorded, but its loop is {}", paths_.size(), last), 0, {}};
  }

  const ToldPaths& told_;
  const anatomy::SymbolTable& symbols_;
  const std::vector<anatomy::Path>& paths_;
};

}  // namespace

TargetAnatomies anatomies_of(const std::vector<CellRecord>& cells, const ToldPaths& told,
                             const std::filesystem::path& recorded) {
  TargetAnatomies made;
  const auto symbols = anatomy::SymbolTable::parse(told.symbols);
  const auto paths = anatomy::read_paths(recorded);
  if (!symbols || !paths) {
    made.problems.push_back(symbols ? paths.error().message() : symbols.error().message());
    return made;
  }
  const Dissection dissection(told, *symbols, *paths);
  for (const auto& cell : cells) {
    if (cell.result.status != CellStatus::measured) continue;
    auto anatomy = dissection.of(cell);
    if (anatomy) {
      made.anatomies.push_back(*std::move(anatomy));
    } else {
      made.problems.push_back(
          fmt::format("anatomy of {}: {}", cell.result.cell.name(), anatomy.error().message()));
    }
  }
  return made;
}

}  // namespace probebench::session
