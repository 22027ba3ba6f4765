// SPDX-License-Identifier: MIT
// What is said of a cell's samples: estimate, interval, n, class - or a reason why there is none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace probebench {

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

struct MetricField {
  std::string_view name;  // in JSON
  std::optional<Metric> Summary::*member;
  bool later = false;  // files of earlier versions of the program lack it
};

// The metrics of a hit, in the order they are written.
inline constexpr std::array kMetricFields{
    MetricField{"instructions_per_hit", &Summary::instructions_per_hit},
    MetricField{"exceptions_per_hit", &Summary::exceptions_per_hit, true},
    MetricField{"cycles_per_hit", &Summary::cycles_per_hit},
    MetricField{"core_clocks_per_hit", &Summary::core_clocks_per_hit, true},
    MetricField{"ticks_per_hit", &Summary::ticks_per_hit},
    MetricField{"ns_per_hit", &Summary::ns_per_hit},
    MetricField{"hits_per_second", &Summary::hits_per_second},
};

}  // namespace probebench
