// SPDX-License-Identifier: MIT
#include "kernel/tsc.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <thread>

#include "kernel/arch.h"

namespace probebench::kernel {
namespace {

constexpr int kTries = 20;
constexpr std::chrono::milliseconds kInterval{50};

struct Instant {
  std::uint64_t ticks = 0;
  std::uint64_t ns = 0;
};

std::uint64_t raw_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

// Both clocks at once: the try whose two readings of the TSC lie closest was disturbed least.
Instant read_both() {
  Instant best;
  std::uint64_t narrowest = UINT64_MAX;
  for (int i = 0; i < kTries; ++i) {
    const std::uint64_t before = read_clock();
    const std::uint64_t ns = raw_ns();
    const std::uint64_t width = read_clock() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best = {before + width / 2, ns};
  }
  return best;
}

}  // namespace

std::uint64_t measure_tsc_khz() {
  const auto begin = read_both();
  std::this_thread::sleep_for(kInterval);
  const auto end = read_both();
  return (end.ticks - begin.ticks) * 1'000'000 / (end.ns - begin.ns);
}

}  // namespace probebench::kernel
