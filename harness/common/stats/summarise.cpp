// SPDX-License-Identifier: MIT
#include "stats/summarise.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/capability.h"
#include "stats/robust.h"

namespace probebench::stats {
namespace {

void add(HitTally& tally, const Window& window) {
  tally.expected += window.all_calls();
  tally.counted += window.hits + window.hits_elsewhere;
  tally.elsewhere += window.hits_elsewhere;
  tally.missed += window.missed;
  if (window.by_thread.empty()) tally.per_cpu[window.cpu] += window.hits;
  for (const auto& thread : window.by_thread) {
    if (thread.hits) tally.per_cpu[thread.cpu] += *thread.hits;
  }
}

constexpr std::string_view kNotTime = "instructions are counted, not time";
constexpr std::string_view kEmulated = info_of(ClockKind::emulated_time).meaning;
constexpr std::string_view kNoneKept =
    "every round was left out: interrupts off for too long, or switched away";

bool overrun(const WindowPair& pair) {
  return pair.n.overrun || pair.twice_n.overrun;
}

bool disturbed(const WindowPair& pair) {
  return pair.n.disturbed() || pair.twice_n.disturbed();
}

// The rounds whose timed windows are all free of a fault.
template <typename Fault>
std::vector<Round> without(const std::vector<Round>& rounds, Fault fault) {
  std::vector<Round> kept;
  for (const auto& round : rounds) {
    if (!fault(round.baseline) && !fault(round.armed)) kept.push_back(round);
  }
  return kept;
}

// One value per round; none at all when a round lacks it, so that every metric of a cell has the same n.
template <typename PerRound>
std::vector<double> values_of(const std::vector<Round>& rounds, PerRound per_round) {
  std::vector<double> values;
  for (const auto& round : rounds) {
    const std::optional<double> value = per_round(round);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

std::vector<double> overheads(const std::vector<Round>& rounds, Counter counter) {
  return values_of(rounds, [counter](const Round& round) { return overhead(round, counter); });
}

std::vector<double> core_clocks(const std::vector<Round>& rounds) {
  return values_of(rounds, [](const Round& round) -> std::optional<double> {
    const auto ticks = overhead(round, Counter::ticks);
    if (!ticks || !round.ticks_per_core_clock) return std::nullopt;
    return *ticks / *round.ticks_per_core_clock;
  });
}

std::vector<double> baseline_slopes(const std::vector<Round>& rounds) {
  return values_of(rounds, [](const Round& round) { return slope(round.baseline, Counter::ticks); });
}

std::optional<Metric> noisy(const std::vector<double>& values, const std::string& note) {
  if (values.empty()) return std::nullopt;
  const auto [low, high] = median_interval(values);
  return Metric{.value = median(values),
                .low = low,
                .high = high,
                .spread = median_absolute_deviation(values),
                .low_quantile = quantile(values, kLowQuantile),
                .n = values.size(),
                .metric_class = MetricClass::noisy,
                .note = note};
}

bool all_equal(const std::vector<double>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<>()) == values.end();
}

std::string differing(const std::vector<double>& values) {
  return fmt::format("rounds differ: {}", fmt::join(std::set<double>(values.begin(), values.end()), ", "));
}

// Exact only if proved: enough rounds, all equal.
std::optional<Metric> counted(const std::vector<double>& values) {
  const bool equal = all_equal(values);
  auto metric = noisy(values, equal ? "" : differing(values));
  if (!metric || !equal) return metric;
  if (values.size() >= kExactRounds) {
    metric->metric_class = MetricClass::exact;
  } else {
    metric->note =
        fmt::format("{} of the {} equal rounds that an exact count needs", values.size(), kExactRounds);
  }
  return metric;
}

std::vector<double> scaled(std::vector<double> values, double factor) {
  for (double& value : values) value *= factor;
  return values;
}

std::vector<double> rates(const std::vector<Round>& rounds, double ticks_per_second) {
  return values_of(rounds, [ticks_per_second](const Round& round) -> std::optional<double> {
    const auto ticks = slope(round.armed, Counter::ticks);
    if (!ticks || *ticks <= 0) return std::nullopt;
    return ticks_per_second / *ticks * round.armed.n.threads();
  });
}

std::optional<double> cold_cost(const CellResult& result) {
  if (!result.cold_hit || !result.cold_baseline) return std::nullopt;
  return static_cast<double>(result.cold_hit->ticks) - static_cast<double>(result.cold_baseline->ticks);
}

std::optional<double> fixed_cost(const std::vector<Round>& rounds) {
  const auto values =
      values_of(rounds, [](const Round& round) { return intercept(round.baseline, Counter::ticks); });
  if (values.empty()) return std::nullopt;
  return median(values);
}

Summary count_summary(const std::vector<Round>& rounds) {
  Summary summary;
  summary.instructions_per_hit = counted(overheads(rounds, Counter::ticks));
  summary.baseline_per_call = counted(baseline_slopes(rounds));
  summary.baseline_fixed = fixed_cost(rounds);
  summary.no_metric_reason = kNotTime;
  return summary;
}

std::string left_out_note(std::size_t left_out, std::string_view why) {
  if (left_out == 0) return {};
  return fmt::format("{} round{} left out: {}", left_out, left_out == 1 ? "" : "s", why);
}

std::string joined_notes(const std::string& one, const std::string& other) {
  return one.empty() || other.empty() ? one + other : fmt::format("{}; {}", one, other);
}

Summary tick_summary(const std::vector<Round>& rounds, std::uint64_t tsc_khz, const std::string& note) {
  Summary summary;
  const auto ticks = overheads(rounds, Counter::ticks);
  summary.ticks_per_hit = noisy(ticks, note);
  summary.baseline_per_call = noisy(baseline_slopes(rounds), note);
  summary.baseline_fixed = fixed_cost(rounds);
  if (tsc_khz != 0) summary.ns_per_hit = noisy(scaled(ticks, 1e6 / static_cast<double>(tsc_khz)), note);
  return summary;
}

Summary emulated_summary(const std::vector<Round>& rounds, std::uint64_t tsc_khz, std::string note) {
  note = joined_notes(std::string(kEmulated), note);
  Summary summary = tick_summary(rounds, tsc_khz, note);
  summary.no_metric_reason = kEmulated;
  return summary;
}

// Why metrics are missing from the summary under a clock that counts time.
std::string absence_reason(const Summary& summary, std::uint64_t tsc_khz) {
  std::vector<std::string_view> reasons;
  if (tsc_khz == 0) reasons.push_back("the frequency of this target's TSC is unknown");
  if (tsc_khz != 0 && !summary.hits_per_second) reasons.push_back("a round of the armed loop took no time");
  if (!summary.cycles_per_hit) reasons.push_back(info_of(Capability::pmu).missing);
  return fmt::format("{}", fmt::join(reasons, "; "));
}

Summary time_summary(const std::vector<Round>& rounds, std::uint64_t tsc_khz, const std::string& note) {
  Summary summary = tick_summary(rounds, tsc_khz, note);
  if (tsc_khz != 0) summary.hits_per_second = noisy(rates(rounds, static_cast<double>(tsc_khz) * 1e3), note);
  summary.cycles_per_hit = noisy(overheads(rounds, Counter::cycles), note);
  summary.core_clocks_per_hit = noisy(core_clocks(rounds), note);
  summary.instructions_per_hit = noisy(overheads(rounds, Counter::instructions), note);
  summary.no_metric_reason = absence_reason(summary, tsc_khz);
  return summary;
}

Summary clock_summary(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz) {
  // A count does not depend on how long the window took: all rounds stand.
  if (counts_instructions(clock)) return count_summary(result.rounds);
  const auto in_time = without(result.rounds, overrun);
  const auto rounds = without(in_time, disturbed);
  const auto note = joined_notes(
      left_out_note(result.rounds.size() - in_time.size(), "interrupts were off for longer than allowed"),
      left_out_note(in_time.size() - rounds.size(), "switched away or moved to another CPU"));
  Summary summary =
      clock == ClockKind::tsc ? time_summary(rounds, tsc_khz, note) : emulated_summary(rounds, tsc_khz, note);
  if (rounds.empty()) summary.no_metric_reason = kNoneKept;
  return summary;
}

}  // namespace

HitTally tally_hits(const std::vector<Round>& rounds) {
  HitTally tally;
  for (const auto& round : rounds) {
    add(tally, round.counted().n);
    add(tally, round.counted().twice_n);
  }
  return tally;
}

Summary summarise(const CellResult& result, ClockKind clock, std::uint64_t tsc_khz) {
  Summary none;
  none.no_metric_reason = fmt::format("the cell is {}", name_of(result.status));
  if (result.status != CellStatus::measured) return none;
  none.no_metric_reason = "no round was measured";
  if (result.rounds.empty()) return none;
  Summary summary = clock_summary(result, clock, tsc_khz);
  summary.cold_hit = cold_cost(result);
  return summary;
}

}  // namespace probebench::stats
