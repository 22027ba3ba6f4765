// SPDX-License-Identifier: MIT
#include "stats/hit_cost.h"

#include <initializer_list>

#include "stats/summarise.h"

namespace probebench::stats {
namespace {

std::optional<double> first_of(std::initializer_list<std::optional<double>> costs) {
  for (const auto& cost : costs) {
    if (cost) return cost;
  }
  return std::nullopt;
}

// int3: at a site with a prepared detour the aggregate loops over its handlers. The cell on `mid` includes
// that loop, the one on `mid-step` does not.
std::optional<double> int3_cost(std::span<const HitCost> costs, const ArmedState& site,
                                HandlerChoice handler) {
  const auto prepared = cost_in(costs, ProbeType::kprobe_unoptimized, handler, site.state);
  const auto plain = cost_in(
      costs, site.state == ProbeState::stepped ? ProbeType::kprobe_stepped : ProbeType::kprobe_boosted,
      handler);
  return site.prepared ? first_of({prepared, plain}) : first_of({plain, prepared});
}

}  // namespace

std::optional<HitCost> hit_cost_of(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz) {
  if (result.status != CellStatus::measured) return std::nullopt;
  const auto summary = summarise(result, clock, tsc_khz);
  const auto& cost = by_clock(summary);
  if (!cost) return std::nullopt;
  return HitCost{result.cell, result.evidence.state, cost->value};
}

std::optional<double> cost_in(std::span<const HitCost> costs, ProbeType type, HandlerChoice handler,
                              std::optional<ProbeState> state) {
  const HitCost* best = nullptr;
  for (const auto& cost : costs) {
    if (cost.cell.probe_type != type || cost.cell.handler_choice() != handler) continue;
    if (state && cost.state != *state) continue;
    if (best == nullptr || cost.cell.driver == DriverId::module) best = &cost;
  }
  if (best == nullptr) return std::nullopt;
  return best->per_hit;
}

std::optional<double> cost_of_hit(std::span<const HitCost> costs, const ArmedState& site,
                                  HandlerChoice handler) {
  if (site.mechanism == SuiteMechanism::fentry) return cost_in(costs, ProbeType::fentry, handler);
  if (site.mechanism == SuiteMechanism::ftrace) return cost_in(costs, ProbeType::ftrace, handler);
  if (site.mechanism == SuiteMechanism::stepped) return cost_in(costs, ProbeType::kprobe_post, handler);
  switch (site.state) {
    case ProbeState::optimized:
      return cost_in(costs, ProbeType::kprobe_optimized, handler);
    case ProbeState::stepped:
    case ProbeState::boosted:
      return int3_cost(costs, site, handler);
    case ProbeState::emulated:
      return cost_in(costs, ProbeType::kprobe_emulated, handler);
    case ProbeState::ftrace:
      return cost_in(costs, ProbeType::kprobe_ftrace, handler);
    default:
      return std::nullopt;
  }
}

}  // namespace probebench::stats
