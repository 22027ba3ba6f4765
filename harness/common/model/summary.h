// SPDX-License-Identifier: MIT
// What is said of a cell's samples: estimate, interval, n, class - or a reason why there is none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probebench::inline model {

// exact: three repeats or more, all equal, of a deterministic count. noisy: everything else.
enum class MetricClass { exact, noisy };

constexpr std::string_view name_of(MetricClass metric_class) {
  return metric_class == MetricClass::exact ? "exact" : "noisy";
}

inline constexpr double kLowQuantile = 0.1;

// A count is exact when this many rounds, or more, agree.
inline constexpr std::uint32_t kExactRounds = 3;

struct Metric {
  double value = 0;  // the median over rounds
  double low = 0;    // interval of the median; equal to value when exact
  double high = 0;
  double spread = 0;        // median absolute deviation over rounds
  double low_quantile = 0;  // kLowQuantile: disturbances only add time, so they affect it least
  std::size_t n = 0;        // rounds
  MetricClass metric_class = MetricClass::noisy;
  std::string note;  // why a count that should be exact is not; else empty

  bool operator==(const Metric&) const = default;
};

// Its interval includes zero, or is wider than the estimate: it says how disturbed the rounds were, and
// nothing about the probe.
constexpr bool is_too_noisy(const Metric& metric) {
  if (metric.metric_class == MetricClass::exact) return false;
  const double size = metric.value < 0 ? -metric.value : metric.value;
  return (metric.low <= 0 && metric.high >= 0) || metric.high - metric.low > size;
}

// Per-hit overheads: armed slope minus baseline slope. Units are in the names.
struct Summary {
  std::optional<Metric> instructions_per_hit;
  std::optional<Metric> exceptions_per_hit;  // where the path was recorded
  std::optional<Metric> cycles_per_hit;
  std::optional<Metric> core_clocks_per_hit;  // ticks by the length of a core clock in the same round; no PMU
  std::optional<Metric> ticks_per_hit;
  std::optional<Metric> ns_per_hit;
  std::optional<Metric> hits_per_second;    // throughput of the armed loop, calls included
  std::optional<Metric> baseline_per_call;  // twin's slope, in the target's clock unit
  std::optional<double> baseline_fixed;     // intercept of the twin's line: what a window costs by itself
  std::optional<double> cold_hit;           // first hit minus one call of the twin, same unit
  std::string no_metric_reason;             // why the absent ones are absent

  bool operator==(const Summary&) const = default;
};

// Where a metric may be the one that stands for a hit: under a clock that counts instructions, or under one
// of time. Instructions that a PMU retired beside a clock of time say less than its clocks.
enum class Leads { counted, timed, never };

struct MetricInfo {
  std::string_view name;  // in JSON
  std::optional<Metric> Summary::*member;
  std::string_view unit;     // heads a column
  std::string_view words;    // behind a number in a sentence
  std::string_view axis;     // beside one
  std::string_view meaning;  // below a table
  Leads leads;
  bool gated;          // the gate leads with it
  bool later = false;  // files of earlier versions of the program lack it
};

// The metrics of a hit, in the order in which they lead and are written. Written into results.json, where
// reports/ reads it.
inline constexpr std::array kMetrics{
    MetricInfo{"instructions_per_hit", &Summary::instructions_per_hit, "insns/hit", "executed instructions",
               "executed instructions per hit", "one insn is one executed guest instruction, not time",
               Leads::counted, true},
    MetricInfo{"exceptions_per_hit", &Summary::exceptions_per_hit, "exceptions/hit", "exceptions",
               "exceptions per hit", "exceptions that one hit takes", Leads::never, true, true},
    MetricInfo{"cycles_per_hit", &Summary::cycles_per_hit, "cycles/hit", "core cycles", "core cycles per hit",
               "core cycles from the hardware counter", Leads::timed, true},
    MetricInfo{"core_clocks_per_hit", &Summary::core_clocks_per_hit, "clocks/hit", "core clocks",
               "core clocks per hit", "core clocks, whose length is measured in each round", Leads::timed,
               true, true},
    // Ticks by a frequency that each boot measures anew: to read, not to compare.
    MetricInfo{"ns_per_hit", &Summary::ns_per_hit, "ns/hit", "ns", "nanoseconds per hit",
               "nanoseconds of the TSC", Leads::timed, false},
    MetricInfo{"ticks_per_hit", &Summary::ticks_per_hit, "ticks/hit", "TSC ticks", "TSC ticks per hit",
               "ticks of a TSC of unknown frequency", Leads::timed, true},
    MetricInfo{"hits_per_second", &Summary::hits_per_second, "hits/s", "hits per second", "hits per second",
               "hits per second, calls included", Leads::never, false},
};

// nullptr: there is none of that name.
constexpr const MetricInfo* find_metric(std::string_view name) {
  for (const auto& info : kMetrics) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

constexpr std::string_view name_of(std::optional<Metric> Summary::*member) {
  for (const auto& info : kMetrics) {
    if (info.member == member) return info.name;
  }
  return {};
}

// What the target's own clock read: ticks, or instructions where it counts them.
inline const std::optional<Metric>& by_clock(const Summary& summary) {
  return summary.ticks_per_hit ? summary.ticks_per_hit : summary.instructions_per_hit;
}

}  // namespace probebench::inline model
