// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "stats/robust.h"
#include "stats/summarise.h"
#include "stream/stream_checks.h"
#include "verify/decode.h"
#include "verify/judge.h"

namespace probebench::stream::check {
namespace {

constexpr std::uint32_t kMostCalls = 1'000'000;           // a hundred times the module's own limit
constexpr std::uint64_t kMostTicks = 10'000'000'000'000;  // more than any run may take
constexpr std::uint64_t kMostHits = 1'000'000'000'000;
constexpr std::uint32_t kMostCpus = 8192;  // NR_CPUS of the largest configuration
constexpr double kMostPerHit = 1e9;
constexpr double kMostPerCoreClock = 1e3;

const CellResult* measured_cell(const Arrival& arrival) {
  const auto* end = arrival.record == nullptr ? nullptr : std::get_if<wire::CellEnd>(arrival.record);
  return end != nullptr && end->result.status == CellStatus::measured ? &end->result : nullptr;
}

struct NamedPair {
  const WindowPair* pair;
  const char* name;
};

std::vector<NamedPair> pairs_of(const Round& round) {
  std::vector<NamedPair> pairs{{&round.baseline, "baseline"}, {&round.armed, "armed"}};
  if (round.verify) pairs.push_back({&*round.verify, "counting"});
  return pairs;
}

// Both windows of each round, and the figures that were made of them.
Why wrong_windows(const std::vector<PairTicks>& windows, std::uint32_t operations,
                  const std::vector<double>& figures) {
  if (windows.size() != figures.size() || operations == 0 || operations > kMostCalls) {
    return fmt::format("{} pairs of windows of {} operations, {} figures", windows.size(), operations,
                       figures.size());
  }
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto [once, twice] = windows[i];
    const auto made = (static_cast<double>(twice) - static_cast<double>(once)) / operations;
    if (once > 0 && twice <= kMostTicks && made == figures[i]) continue;
    return fmt::format("windows of {} and {}, and a figure of {}", once, twice, figures[i]);
  }
  return std::nullopt;
}

// Of all rounds and of the site at rest.
std::vector<NamedPair> all_pairs(const CellResult& cell) {
  std::vector<NamedPair> pairs;
  for (const auto& round : cell.rounds) std::ranges::copy(pairs_of(round), std::back_inserter(pairs));
  if (cell.rest_before) pairs.push_back({&*cell.rest_before, "resting"});
  if (cell.rest_after) pairs.push_back({&*cell.rest_after, "resting"});
  return pairs;
}

Why wrong_calls(const NamedPair& one) {
  const auto n = one.pair->n.calls;
  const auto twice = one.pair->twice_n.calls;
  if (n >= 1 && n <= kMostCalls && twice == 2 * n) return std::nullopt;
  return fmt::format("{} windows of {} and {} calls", one.name, n, twice);
}

Why impossible(const Window& window, const char* name) {
  if (window.ticks == 0 || window.ticks > kMostTicks) return fmt::format("{}: {} ticks", name, window.ticks);
  for (const auto& counter : {window.cycles, window.instructions}) {
    if (counter.value_or(0) > kMostTicks) return fmt::format("{}: a counter of {}", name, *counter);
  }
  for (const auto hits : {window.hits, window.hits_elsewhere, window.missed}) {
    if (hits > kMostHits) return fmt::format("{}: {} hits or misses", name, hits);
  }
  if (window.cpu >= kMostCpus) return fmt::format("{}: CPU {}", name, window.cpu);
  return std::nullopt;
}

bool is_figure(double value) {
  return std::isfinite(value) && value >= 0 && value <= static_cast<double>(kMostTicks);
}

bool are_figures(const std::vector<double>& values) {
  return !values.empty() && std::ranges::all_of(values, is_figure);
}

// Each is one window less another. A busy machine can make the lesser one longer, but not in half of the
// rounds.
bool are_differences(const std::vector<double>& values, ClockKind clock) {
  if (values.empty() || counts_instructions(clock)) return are_figures(values);
  return std::ranges::all_of(values, [](double value) { return is_figure(std::abs(value)); }) &&
         stats::median(values) > 0;
}

Why wrong_hits(const HitCount& hits) {
  if (hits.equal()) return std::nullopt;
  return fmt::format("{} hits of {} were counted, {} missed", hits.counted, hits.expected, hits.missed);
}

struct WrongHits {
  Why operator()(const SurfacePoint& point) const {
    if (point.status != CellStatus::measured) return std::nullopt;
    if (point.hits.expected != point.ops * point.setting.hits_per_op) {
      return fmt::format("{} operations of {} hits make {}", point.ops, point.setting.hits_per_op,
                         point.hits.expected);
    }
    return wrong_hits(point.hits);
  }
  Why operator()(const KretprobeMisses& misses) const {
    return misses.status == CellStatus::measured ? verify::judge(misses) : std::nullopt;
  }
  Why operator()(const TrapCost& trap) const {
    if (trap.status != CellStatus::measured) return std::nullopt;
    return trap.hits.expected == 0 ? "no trap was made" : verify::judge(trap);
  }
  Why operator()(const Workload& workload) const {
    for (const auto& row : workload.rows) {
      if (row.status != CellStatus::measured) continue;
      if (auto why = wrong_hits(row.hits)) return why;
    }
    return std::nullopt;
  }
  Why operator()(const ProbeCost& cost) const {
    if (cost.status != CellStatus::measured) return std::nullopt;
    if (cost.hits.empty()) return "no hit was counted";
    for (const auto& one : cost.hits) {
      if (auto why = wrong_hits(one.hits)) return why;
    }
    return std::nullopt;
  }
  template <typename Other>
  Why operator()(const Other&) const {
    return std::nullopt;
  }
};

struct WrongFigures {
  const ExperimentPlan& plan;
  ClockKind clock;

  Why operator()(const SurfacePoint& point) const {
    if (point.status != CellStatus::measured) return std::nullopt;
    if (point.ops > 0 && point.ops < kMostHits && is_figure(point.base_per_op) &&
        is_figure(point.armed_per_op) && std::isfinite(point.handler_cost)) {
      return std::nullopt;
    }
    return fmt::format("{} operations of {} and {}", point.ops, point.base_per_op, point.armed_per_op);
  }
  Why operator()(const KretprobeMisses& misses) const {
    if (misses.status != CellStatus::measured || (misses.calls > 0 && misses.calls < kMostHits)) return {};
    return fmt::format("{} calls", misses.calls);
  }
  Why operator()(const TrapCost& trap) const {
    if (trap.status != CellStatus::measured || are_differences(trap.per_trap, clock)) return std::nullopt;
    return fmt::format("a time of {} is missing or impossible", info_of(trap.kind).name);
  }
  Why operator()(const Workload& workload) const {
    for (const auto& row : workload.rows) {
      if (row.status != CellStatus::measured) continue;
      if (are_figures(row.base_per_op) && are_figures(row.armed_per_op)) continue;
      return fmt::format("a time of {} is missing or impossible", info_of(row.mechanism).name);
    }
    return std::nullopt;
  }
  Why operator()(const PredictCounts& counts) const {
    if (counts.status != CellStatus::measured) return std::nullopt;
    if (counts.base.size() != plan.predict.runs || !are_figures(counts.base)) {
      return fmt::format("{} times of {} runs, or impossible ones", counts.base.size(), plan.predict.runs);
    }
    for (const auto& site : counts.sites) {
      if (site.status != CellStatus::measured) continue;
      if (auto why = wrong_counts(site.site.place, site.hits)) return why;
    }
    for (const auto& own : counts.own) {
      if (auto why = wrong_counts(own.probe, own.hits)) return why;
    }
    return std::nullopt;
  }
  Why operator()(const ProbeCost& cost) const {
    if (cost.status != CellStatus::measured) return std::nullopt;
    for (const auto* figures : {&cost.base_per_op, &cost.armed_per_op, &cost.base_after}) {
      if (figures->size() != plan.cost->rounds || !are_differences(*figures, clock)) {
        return fmt::format("{} figures of {} rounds, or impossible ones", figures->size(), plan.cost->rounds);
      }
    }
    if (cost.loops.has_value() != plan.cost->paths) return "paths that were not asked for, or none";
    if (cost.armings < 1 || cost.armings > kMostArmings) return "an impossible number of armings";
    if (cost.interrupts_per_op < 0 || cost.interrupts_per_op > kMostPerHit) return "impossible interrupts";
    if (auto why = wrong_windows(cost.base_windows, cost.operations, cost.base_per_op)) return why;
    return wrong_windows(cost.armed_windows, cost.armed_operations, cost.armed_per_op);
  }
  template <typename Other>
  Why operator()(const Other&) const {
    return std::nullopt;
  }

  Why wrong_counts(const std::string& place, const std::vector<std::uint64_t>& hits) const {
    const bool possible = std::ranges::all_of(hits, [](auto count) { return count <= kMostHits; });
    if (possible && hits.size() == plan.predict.runs) return std::nullopt;
    return fmt::format("{} has {} counts of {} runs, or impossible ones", place, hits.size(),
                       plan.predict.runs);
  }
};

const ExperimentRecord* experiment_of(const Arrival& arrival) {
  const auto* told = arrival.record == nullptr ? nullptr : std::get_if<wire::Experiment>(arrival.record);
  return told == nullptr ? nullptr : &told->record;
}

}  // namespace

Why rounds(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  const auto made = cell->rounds.size();
  // Repetitions add theirs.
  const bool right = so_far.plan.benchmark_args.empty() ? made == so_far.plan.rounds : made > 0;
  if (right) return std::nullopt;
  return fmt::format("{} rounds were measured, {} are planned", made, so_far.plan.rounds);
}

Why calls(const StreamSoFar&, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  for (const auto& one : all_pairs(*cell)) {
    if (auto why = wrong_calls(one)) return why;
  }
  for (const auto& round : cell->rounds) {
    for (const auto& one : pairs_of(round)) {
      if (one.pair->n.calls == round.armed.n.calls) continue;
      return fmt::format("{} calls in the {} window, {} in the armed one", one.pair->n.calls, one.name,
                         round.armed.n.calls);
    }
  }
  return std::nullopt;
}

Why threads(const StreamSoFar&, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  for (const auto& round : cell->rounds) {
    for (const auto& one : pairs_of(round)) {
      for (const auto* window : {&one.pair->n, &one.pair->twice_n}) {
        if (window->threads() == cell->cell.threads) continue;
        return fmt::format("{} threads in the {} window of a cell of {}", window->threads(), one.name,
                           cell->cell.threads);
      }
    }
  }
  return std::nullopt;
}

Why counting(const StreamSoFar&, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  const bool counts = cell->cell.handler == Handler::count;
  const bool right = std::ranges::all_of(
      cell->rounds, [&](const Round& round) { return round.verify.has_value() != counts; });
  if (right) return std::nullopt;
  return counts ? "windows were counted twice" : "no window was counted";
}

Why figures(const StreamSoFar&, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  for (const auto& one : all_pairs(*cell)) {
    for (const auto* window : {&one.pair->n, &one.pair->twice_n}) {
      if (auto why = impossible(*window, one.name)) return why;
    }
  }
  for (const auto& round : cell->rounds) {
    const auto clock = round.ticks_per_core_clock.value_or(1);
    if (!(clock > 0 && clock < kMostPerCoreClock)) return fmt::format("{} ticks per core clock", clock);
  }
  for (const auto* cold : {&cell->cold_hit, &cell->cold_baseline}) {
    if (!*cold) continue;
    if (auto why = impossible(**cold, "cold")) return why;
  }
  return std::nullopt;
}

Why verdict(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  return cell == nullptr ? std::nullopt : verify::judge(*cell, so_far.plan.clock);
}

Why told_hits(const StreamSoFar&, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  const auto& told = std::get<wire::CellEnd>(*arrival.record).told;
  if (!told) return std::nullopt;
  const auto seen = stats::tally_hits(cell->rounds);
  if (told->hits == HitCount{seen.expected, seen.counted, seen.missed}) return std::nullopt;
  const auto hits = told->hits.value_or(HitCount{});
  return fmt::format("{} hits of {} were told, {} missed; the windows have {} of {}, {} missed", hits.counted,
                     hits.expected, hits.missed, seen.counted, seen.expected, seen.missed);
}

Why overhead(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr || !counts_instructions(so_far.plan.clock)) return std::nullopt;
  for (const auto& round : cell->rounds) {
    const auto cost = stats::overhead(round, stats::Counter::ticks);
    if (cost && *cost >= 0 && *cost <= kMostPerHit) continue;
    return fmt::format("a hit of {} instructions", cost.value_or(NAN));
  }
  return std::nullopt;
}

// By whose rules its bytes are read is not for the target to say.
Why disassembly(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* cell = measured_cell(arrival);
  if (cell == nullptr) return std::nullopt;
  if (cell->evidence.arch != so_far.arch)
    return fmt::format("its evidence is of {}", info_of(cell->evidence.arch).name);
  CellResult seen = *cell;
  seen.evidence.decoded = verify::decode(seen.evidence.armed, seen.evidence.site_address, seen.evidence.arch);
  return verify::contradiction(seen);
}

Why reason(const StreamSoFar&, const Arrival& arrival) {
  const auto* end = arrival.record == nullptr ? nullptr : std::get_if<wire::CellEnd>(arrival.record);
  if (end == nullptr) return std::nullopt;
  const bool measured = end->result.status == CellStatus::measured;
  if (measured == end->result.reason.empty()) return std::nullopt;
  return measured ? "it was measured, and yet has a reason why not"
                  : fmt::format("it is {} for no reason", name_of(end->result.status));
}

Why experiment_hits(const StreamSoFar&, const Arrival& arrival) {
  const auto* told = experiment_of(arrival);
  return told == nullptr ? std::nullopt : std::visit(WrongHits{}, *told);
}

Why experiment_figures(const StreamSoFar& so_far, const Arrival& arrival) {
  const auto* told = experiment_of(arrival);
  return told == nullptr ? std::nullopt
                         : std::visit(WrongFigures{so_far.plan.experiment, so_far.plan.clock}, *told);
}

}  // namespace probebench::stream::check
