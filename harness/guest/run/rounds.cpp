// SPDX-License-Identifier: MIT
#include "run/rounds.h"

#include <algorithm>
#include <array>
#include <vector>

#include "kernel/environment.h"

namespace probebench::run {
namespace {

// Reads the core's clock before, between and after a round's timed windows.
class CoreClockReadings {
 public:
  explicit CoreClockReadings(const RoundSettings& settings)
      : wanted_(settings.is_time && settings.cell.threads == 1) {}

  void read() {
    if (wanted_) readings_.push_back(kernel::ticks_per_core_clock());
  }
  // The middle one: the rate may change within the round, and a reading may be disturbed.
  std::optional<double> middle() {
    if (readings_.empty()) return std::nullopt;
    const auto at = readings_.begin() + static_cast<std::ptrdiff_t>(readings_.size() / 2);
    std::ranges::nth_element(readings_, at);
    return *at;
  }

 private:
  bool wanted_;
  std::vector<double> readings_;
};

}  // namespace

std::uint32_t choose_calls(std::uint64_t ticks_per_call, std::uint64_t tsc_khz, std::uint32_t max_window_ns) {
  static constexpr std::array<std::uint32_t, 9> kSeries{1000, 500, 200, 100, 50, 20, 10, 5, 2};
  const std::uint64_t limit_ticks = static_cast<std::uint64_t>(max_window_ns) * tsc_khz / 1'000'000;
  for (const auto calls : kSeries) {
    if (2 * calls * ticks_per_call <= limit_ticks / 5 * 4) return calls;
  }
  return 1;
}

Result<WindowPair> run_pair(Rig& rig, const RoundSettings& settings, kernel::Subject subject,
                            Handler handler) {
  kernel::WindowRequest request{subject, handler, settings.calls,
                                settings.rearm && subject == kernel::Subject::site, false};
  auto single = TRY(rig.window(request));
  request.calls *= 2;
  auto twice = TRY(rig.window(request));
  return WindowPair{single, twice};
}

Result<Round> run_round(Rig& rig, const RoundSettings& settings, bool baseline_first) {
  const Handler handler = settings.cell.handler;
  Round round{.baseline_first = baseline_first, .baseline = {}, .armed = {}, .verify = {}};
  std::array<kernel::Subject, 2> order{kernel::Subject::twin, kernel::Subject::site};
  if (!baseline_first) std::swap(order[0], order[1]);
  CoreClockReadings core_clock(settings);
  core_clock.read();
  for (const auto subject : order) {
    auto pair = TRY(run_pair(rig, settings, subject, handler));
    (subject == kernel::Subject::twin ? round.baseline : round.armed) = pair;
    core_clock.read();
  }
  round.ticks_per_core_clock = core_clock.middle();
  if (handler == Handler::count) return round;
  round.verify = TRY(run_pair(rig, settings, kernel::Subject::site, Handler::count));
  return round;
}

}  // namespace probebench::run
