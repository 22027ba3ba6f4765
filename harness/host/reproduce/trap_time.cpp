// SPDX-License-Identifier: MIT
#include "reproduce/trap_time.h"

#include <algorithm>

#include "stats/robust.h"

namespace probebench::reproduce {
namespace {

Span middle_of(const std::vector<double>& rounds) {
  const auto interval = stats::median_interval(rounds);
  return {stats::median(rounds), interval.low, interval.high};
}

const TrapCost* find_measured(const std::vector<TrapCost>& told, TrapKind kind) {
  const auto found = std::ranges::find(told, kind, &TrapCost::kind);
  const bool measured =
      found != told.end() && found->status == CellStatus::measured && !found->per_trap.empty();
  return measured ? &*found : nullptr;
}

std::optional<Span> less(const TrapCost& trap, const TrapCost* signal) {
  if (signal == nullptr || trap.kind == signal->kind || trap.per_trap.size() != signal->per_trap.size())
    return std::nullopt;
  auto rounds = trap.per_trap;
  for (std::size_t i = 0; i < rounds.size(); ++i) rounds[i] -= signal->per_trap[i];
  return middle_of(rounds);
}

}  // namespace

std::vector<TrapTime> trap_times(const std::vector<TrapCost>& told) {
  const auto* signal = find_measured(told, TrapKind::signal);
  std::vector<TrapTime> times;
  for (const auto& trap : told) {
    TrapTime time{trap, {}, {}};
    if (find_measured(told, trap.kind) == &trap) {
      time.whole = middle_of(trap.per_trap);
      time.less_signal = less(trap, signal);
    }
    times.push_back(time);
  }
  return times;
}

std::optional<Span> int3_ns(const std::vector<TrapTime>& traps, const TargetInfo& target) {
  const auto khz = target.environment.tsc_khz;
  const auto found =
      std::ranges::find(traps, TrapKind::int3, [](const TrapTime& time) { return time.told.kind; });
  if (target.clock != ClockKind::tsc || khz == 0 || found == traps.end() || !found->less_signal) return {};
  const double scale = 1e6 / static_cast<double>(khz);
  const auto& ticks = *found->less_signal;
  return Span{ticks.value * scale, ticks.low * scale, ticks.high * scale};
}

}  // namespace probebench::reproduce
