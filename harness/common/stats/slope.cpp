// SPDX-License-Identifier: MIT
#include "stats/slope.h"

namespace probebench::stats {
namespace {

std::optional<std::int64_t> read(const Window& window, Counter counter) {
  switch (counter) {
    case Counter::ticks:
      return static_cast<std::int64_t>(window.ticks);
    case Counter::cycles:
      return window.cycles;
    case Counter::instructions:
      return window.instructions;
  }
  return std::nullopt;
}

struct Readings {
  std::int64_t n = 0;
  std::int64_t twice_n = 0;
};

// Differences are taken on these integers, so that nothing is rounded before the division.
std::optional<Readings> read(const WindowPair& pair, Counter counter) {
  if (pair.n.calls == 0 || pair.twice_n.calls != 2 * std::uint64_t{pair.n.calls}) return std::nullopt;
  const auto n = read(pair.n, counter);
  const auto twice_n = read(pair.twice_n, counter);
  if (!n || !twice_n) return std::nullopt;
  return Readings{*n, *twice_n};
}

}  // namespace

std::optional<double> slope(const WindowPair& pair, Counter counter) {
  const auto readings = read(pair, counter);
  if (!readings) return std::nullopt;
  return static_cast<double>(readings->twice_n - readings->n) / pair.n.calls;
}

std::optional<double> intercept(const WindowPair& pair, Counter counter) {
  const auto readings = read(pair, counter);
  if (!readings) return std::nullopt;
  return static_cast<double>(2 * readings->n - readings->twice_n);
}

std::optional<double> overhead(const Round& round, Counter counter) {
  const auto armed = slope(round.armed, counter);
  const auto baseline = slope(round.baseline, counter);
  if (!armed || !baseline) return std::nullopt;
  return *armed - *baseline;
}

}  // namespace probebench::stats
