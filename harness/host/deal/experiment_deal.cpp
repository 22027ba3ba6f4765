// SPDX-License-Identifier: MIT
#include "deal/experiment_deal.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <random>
#include <set>

#include "deal/deal.h"

namespace probebench::deal {
namespace {

// The cells, which come first, or a piece of the experiments.
struct Unit {
  double expected_s = 0;
  ExperimentPlan piece = {};
};

// Neighbours: from the first up to, but without, the last.
struct Run {
  std::size_t first = 0;
  std::size_t last = 0;
};

double expected_of(const ExperimentPlan& piece, const CellCosts& costs) {
  const auto steps = piece.steps();
  if (!piece.surface.empty()) return costs.expected_steps_s(surface_step(piece.surface.front()), steps);
  if (piece.kretprobe_misses) return costs.expected_steps_s(kMissesStep, steps);
  if (piece.traps) return costs.expected_steps_s(kTrapsStep, steps);
  return costs.expected_steps_s(piece.workloads.suites.front().name, steps);
}

std::vector<Unit> units_of(const Share& whole, const CellCosts& costs, std::uint32_t rounds) {
  const auto cells = costs.expected_s(whole.cells, rounds);
  std::vector<Unit> units{{.expected_s = std::accumulate(cells.begin(), cells.end(), 0.0)}};
  for (auto& piece : pieces_of(whole.experiment)) {
    const double expected_s = expected_of(piece, costs);
    units.push_back({expected_s, std::move(piece)});
  }
  return units;
}

// As few runs as there can be when none takes longer, unless a unit by itself does.
std::vector<Run> runs_within(std::span<const Unit> units, double longest_s) {
  std::vector<Run> runs;
  double load_s = 0;
  bool has_cells = false;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const bool leans = leans_on_cells(units[i].piece);
    const auto more_s = [&] {
      return units[i].expected_s + (leans && !has_cells ? units.front().expected_s : 0);
    };
    if (runs.empty() || load_s + more_s() > longest_s) {
      runs.push_back({i, i});
      load_s = 0;
      has_cells = i == 0;
    }
    load_s += more_s();
    has_cells = has_cells || leans;
    runs.back().last = i + 1;
  }
  return runs;
}

std::vector<Run> shortest_runs(std::span<const Unit> units, std::size_t guests) {
  constexpr int kHalvings = 30;
  double too_short_s = 0;
  double enough_s = 0;
  for (const auto& unit : units) enough_s += unit.expected_s + units.front().expected_s;
  for (int i = 0; i < kHalvings; ++i) {
    const double tried_s = (too_short_s + enough_s) / 2;
    auto& bound = runs_within(units, tried_s).size() <= guests ? enough_s : too_short_s;
    bound = tried_s;
  }
  return runs_within(units, enough_s);
}

std::vector<Share> shares_of(const Share& whole, std::span<const Unit> units, const std::vector<Run>& runs) {
  std::vector<Share> shares;
  for (const auto& run : runs) {
    std::vector<ExperimentPlan> pieces;
    for (auto i = std::max<std::size_t>(1, run.first); i < run.last; ++i) pieces.push_back(units[i].piece);
    auto& share = shares.emplace_back(Share{.cells = {}, .experiment = joined(pieces)});
    if (run.first == 0 || leans_on_cells(share.experiment)) share.cells = whole.cells;
  }
  return shares;
}

}  // namespace

std::vector<ExperimentPlan> pieces_of(const ExperimentPlan& plan) {
  std::vector<ExperimentPlan> pieces;
  for (const auto& suite : plan.workloads.suites) {
    auto& piece = pieces.emplace_back();
    piece.workloads = plan.workloads;
    piece.workloads.suites = {suite};
  }
  for (const auto& group : surface_groups(plan.surface)) {
    pieces.emplace_back().surface.assign(group.begin(), group.end());
  }
  if (plan.kretprobe_misses) pieces.emplace_back().kretprobe_misses = true;
  if (plan.traps) pieces.emplace_back().traps = true;
  return pieces;
}

ExperimentPlan joined(std::span<const ExperimentPlan> pieces) {
  ExperimentPlan plan;
  for (const auto& piece : pieces) {
    std::ranges::copy(piece.surface, std::back_inserter(plan.surface));
    plan.kretprobe_misses = plan.kretprobe_misses || piece.kretprobe_misses;
    plan.traps = plan.traps || piece.traps;
    if (piece.workloads.suites.empty()) continue;
    auto suites = std::move(plan.workloads.suites);
    plan.workloads = piece.workloads;
    suites.push_back(piece.workloads.suites.front());
    plan.workloads.suites = std::move(suites);
  }
  return plan;
}

bool leans_on_cells(const ExperimentPlan& plan) {
  const auto& workloads = plan.workloads;
  return std::ranges::any_of(workloads.suites, [&](const SuitePlan& suite) {
    return std::ranges::any_of(workloads.mechanisms,
                               [&](SuiteMechanism one) { return workloads.prunes(suite, one); });
  });
}

std::vector<Share> in_order(const Share& whole, const CellCosts& costs, std::uint32_t rounds,
                            std::size_t guests) {
  const auto units = units_of(whole, costs, rounds);
  std::vector<double> expected_s;
  for (const auto& unit : units) expected_s.push_back(unit.expected_s);
  return shares_of(whole, units, shortest_runs(units, guests_worth(expected_s, guests)));
}

std::vector<Share> in_order_at_random(const Share& whole, std::size_t guests, std::uint64_t seed) {
  const auto units = units_of(whole, {}, 1);
  std::mt19937_64 random(seed);
  std::set<std::size_t> cuts{0};
  while (cuts.size() < std::min(guests, units.size())) cuts.insert(random() % units.size());
  std::vector<Run> runs;
  for (const auto cut : cuts) {
    if (!runs.empty()) runs.back().last = cut;
    runs.push_back({cut, units.size()});
  }
  return shares_of(whole, units, runs);
}

}  // namespace probebench::deal
