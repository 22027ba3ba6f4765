// SPDX-License-Identifier: MIT
#include "kernel/core_clock.h"

#include <algorithm>
#include <cstdint>

#include "kernel/arch.h"

namespace probebench::kernel {
namespace {

constexpr int kChains = 3;
constexpr int kTurns = 1000;

// The loop's own two instructions run beside the chain, not in it.
std::uint64_t chain_ticks() {
  std::uint64_t sum = 0;
  const auto begin = begin_clock();
  for (int turn = 0; turn < kTurns; ++turn) run_chain(sum);
  return end_clock() - begin;
}

}  // namespace

double ticks_per_core_clock() {
  std::uint64_t shortest = UINT64_MAX;
  for (int i = 0; i < kChains; ++i) shortest = std::min(shortest, chain_ticks());
  return static_cast<double>(shortest) / (kTurns * kChainAdditions);
}

}  // namespace probebench::kernel
