// SPDX-License-Identifier: MIT
#include "verify/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "stats/robust.h"
#include "verify/classify.h"

namespace probebench::verify {
namespace {

using Reason = std::optional<std::string>;

template <typename Range>
std::string hex(const Range& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

// A probe attached anew, for each window or for another handler, may call another trampoline each time.
bool may_lead_elsewhere(const CellResult& result) {
  const auto type = result.cell.probe_type;
  // An ftrace trampoline calls its handler directly (kmod/pb_mech_ftrace.c).
  const bool new_for_handler = type == ProbeType::ftrace || type == ProbeType::ftrace_regs;
  return new_for_handler || result.cell.placement().arming == Arming::each_window;
}

bool saw_armed(const CellResult& result, const std::array<std::uint8_t, 8>& seen) {
  if (may_lead_elsewhere(result)) return is_same_patch(result.evidence, seen);
  const auto& armed = result.evidence.armed;
  return armed.size() >= seen.size() && std::equal(seen.begin(), seen.end(), armed.begin());
}

// Of every thread whose CPU has a count of its own. `expected` is per thread.
Reason judge_threads(const Window& window, std::uint64_t expected, const char* what) {
  for (const auto& thread : window.by_thread) {
    if (thread.hits.value_or(expected) == expected) continue;
    return fmt::format("{}: {} calls on CPU {}, of {} threads, made {} hits (expected {})", what,
                       window.calls, thread.cpu, window.threads(), *thread.hits, expected);
  }
  return std::nullopt;
}

Reason judge_hit_window(const Window& window, std::uint64_t expected, const char* what) {
  const auto all_expected = expected * window.threads();
  if (window.hits == all_expected && window.hits_elsewhere == 0 && window.missed == 0) {
    return judge_threads(window, expected, what);
  }
  return fmt::format("{}: {} calls on CPU {} made {} hits (expected {}), {} on other CPUs, {} missed", what,
                     window.all_calls(), window.cpu, window.hits, all_expected, window.hits_elsewhere,
                     window.missed);
}

// Fixed cost of the armed windows minus that of the baseline windows, as a share of T(N); may be negative.
double nonlinearity(const Round& round) {
  const auto armed = stats::intercept(round.armed, stats::Counter::ticks);
  const auto baseline = stats::intercept(round.baseline, stats::Counter::ticks);
  if (!armed || !baseline || round.armed.n.ticks == 0) return INFINITY;
  return (*armed - *baseline) / static_cast<double>(round.armed.n.ticks);
}

bool is_disturbed(const Round& round) {
  const auto any = [](const WindowPair& pair) { return pair.n.disturbed() || pair.twice_n.disturbed(); };
  return any(round.armed) || any(round.baseline);
}

double worst_of(const std::vector<double>& shares) {
  double worst = 0;
  for (const double share : shares) worst = std::max(worst, std::fabs(share));
  return worst;
}

// Distance from 0 to the nearer end of the median's interval; 0 if the interval contains 0. Signed shares of
// noise cancel each other out, so that a busy machine alone breaks no rule.
double least_certain(const std::vector<double>& shares) {
  const auto [low, high] = stats::median_interval(shares);
  return std::max({0.0, low, -high});
}

}  // namespace

std::optional<std::string> judge_window_bytes(const CellResult& result, const Window& window) {
  const auto& armed = result.evidence.armed;
  for (const auto& seen : {window.site_before, window.site_after}) {
    if (saw_armed(result, seen)) continue;
    return fmt::format("the site held {} during a window, not the armed bytes {}", hex(seen),
                       hex(std::span(armed).first(std::min(armed.size(), seen.size()))));
  }
  return std::nullopt;
}

Reason judge_mechanism(const CellResult& result) {
  const auto& evidence = result.evidence;
  const auto& expected = result.cell.placement().expected_on(evidence.arch);
  const auto state = classify(evidence);
  if (!expected.contains(state)) {
    return fmt::format("the site is {}, not {}", name_of(state), expected.text());
  }
  for (const auto& round : result.rounds) {
    for (const auto* window :
         {&round.armed.n, &round.armed.twice_n, &round.counted().n, &round.counted().twice_n}) {
      if (auto reason = judge_window_bytes(result, *window)) return reason;
    }
  }
  const bool has_crowd = evidence.crowd && evidence.crowd->functions > 0;
  if (has_crowd != info_of(result.cell.probe_type).among_all) {
    return fmt::format("{} other functions had a probe", has_crowd ? evidence.crowd->functions : 0);
  }
  if (!is_restored(evidence)) {
    return fmt::format("bytes not restored: before {}, after {}", hex(evidence.before), hex(evidence.after));
  }
  return std::nullopt;
}

Reason judge_hits(const CellResult& result) {
  for (const auto& round : result.rounds) {
    for (const auto* window : {&round.counted().n, &round.counted().twice_n}) {
      if (auto reason = judge_hit_window(*window, window->calls, "armed")) return reason;
    }
    for (const auto* window : {&round.baseline.n, &round.baseline.twice_n}) {
      if (auto reason = judge_hit_window(*window, 0, "baseline")) return reason;
    }
  }
  return std::nullopt;
}

Reason judge_baseline(const CellResult& result, ClockKind clock) {
  if (!counts_instructions(clock) || result.rounds.empty()) return std::nullopt;
  const auto twin = stats::slope(result.rounds.front().baseline, stats::Counter::ticks);
  for (const auto* rest : {&result.rest_before, &result.rest_after}) {
    if (!*rest) return "the site was not measured at rest";
    const auto site = stats::slope(**rest, stats::Counter::ticks);
    if (site && site == twin) continue;
    return fmt::format("the unprobed twin costs {} per call, the site at rest {}", twin.value_or(NAN),
                       site.value_or(NAN));
  }
  return std::nullopt;
}

Reason judge_linearity(const CellResult& result, ClockKind clock) {
  // Emulated time follows the host's load, and is published nowhere.
  if (clock == ClockKind::emulated_time) return std::nullopt;
  // With interrupts off and an exact clock every round must pass. With interrupts on, or noisy time, a single
  // round does not decide; the summary notes that rounds differ.
  const bool undisturbed = counts_instructions(clock) && result.cell.driver == DriverId::module;
  std::vector<double> shares;
  for (const auto& round : result.rounds) {
    if (undisturbed || !is_disturbed(round)) shares.push_back(nonlinearity(round));
  }
  if (shares.empty()) return std::nullopt;  // nothing is said of time either
  const double share = undisturbed ? worst_of(shares) : least_certain(shares);
  const double limit = counts_instructions(clock) ? kExactLinearity : kNoisyLinearity;
  if (share <= limit) return std::nullopt;
  return fmt::format("not linear: 2N calls differ from twice N calls by {:.1f} % (limit {:.0f} %)",
                     share * 100, limit * 100);
}

Reason judge_windows(const CellResult& result, ClockKind clock) {
  if (!counts_instructions(clock)) return std::nullopt;
  for (const auto& round : result.rounds) {
    if (round.armed.n.overrun || round.armed.twice_n.overrun || round.baseline.n.overrun ||
        round.baseline.twice_n.overrun) {
      return "a window kept interrupts off longer than the limit";
    }
  }
  return std::nullopt;
}

Reason judge(const CellResult& result, ClockKind clock) {
  if (auto reason = judge_mechanism(result)) return reason;
  if (auto reason = judge_hits(result)) return reason;
  if (result.rounds.empty()) return "no round was measured";
  if (auto reason = judge_windows(result, clock)) return reason;
  if (auto reason = judge_baseline(result, clock)) return reason;
  return judge_linearity(result, clock);
}

std::optional<std::string> judge(const SurfacePoint& point, double base_after, ClockKind clock) {
  if (!point.hits.equal()) {
    return fmt::format("{} hits of {} were counted, {} missed", point.hits.counted, point.hits.expected,
                       point.hits.missed);
  }
  if (counts_instructions(clock) && base_after != point.base_per_op) {
    return fmt::format("an operation with nothing armed cost {:.1f} before and {:.1f} after",
                       point.base_per_op, base_after);
  }
  return std::nullopt;
}

std::optional<std::string> judge(const KretprobeMisses& misses) {
  if (misses.hits + misses.missed == misses.calls) return std::nullopt;
  return fmt::format("{} hits and {} misses of {} calls", misses.hits, misses.missed, misses.calls);
}

std::optional<std::string> judge(const TrapCost& trap) {
  if (trap.hits.equal()) return std::nullopt;
  return fmt::format("{} traps of {} were handed over as {}, {} as something else", trap.hits.counted,
                     trap.hits.expected, info_of(trap.kind).name, trap.hits.missed);
}

}  // namespace probebench::verify
