// SPDX-License-Identifier: MIT
#include "kernel/core_clock.h"

#include <x86intrin.h>

#include <algorithm>
#include <cstdint>

namespace probebench {
namespace {

constexpr int kChains = 3;
constexpr int kTurns = 1000;
constexpr int kAdditionsPerTurn = 16;

// The loop's own two instructions run beside the chain, not in it.
std::uint64_t chain_ticks() {
  unsigned cpu = 0;
  std::uint64_t sum = 0;
  _mm_lfence();
  const std::uint64_t begin = __rdtsc();
  _mm_lfence();
  for (int turn = 0; turn < kTurns; ++turn) {
    asm volatile(".rept %c1\n\tadd $1, %0\n\t.endr" : "+r"(sum) : "i"(kAdditionsPerTurn) : "cc");
  }
  const std::uint64_t end = __rdtscp(&cpu);
  _mm_lfence();
  return end - begin;
}

}  // namespace

double ticks_per_core_clock() {
  std::uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < kChains; ++i) shortest = std::min(shortest, chain_ticks());
  return static_cast<double>(shortest) / (kTurns * kAdditionsPerTurn);
}

}  // namespace probebench
