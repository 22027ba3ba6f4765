// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include "attach/probe_set.h"
#include "call/field.h"
#include "experiment/experiments.h"
#include "verify/judge.h"

namespace probebench::experiment {
namespace {

constexpr std::uint64_t kCalls = 10;

// {maxactive, active at once}
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 6> kCases{
    {{1, 1}, {1, 2}, {4, 4}, {4, 16}, {20, 20}, {20, 100}}};

// A function that calls itself is active as often as it is deep, on one CPU and at known times.
Status measure(KretprobeMisses& misses, const kernel::Control& control) {
  const call::Field field(control);
  auto entry = TRY(field.sites(call::FieldLayout::nest, 1));
  auto set = TRY(attach::ProbeSet::define(control, {.mechanism = Mechanism::kretprobe,
                                                    .handler = {{Handler::count}},
                                                    .addresses = std::move(entry),
                                                    .maxactive = misses.maxactive}));
  TRY(set.arm());
  const auto time = TRY(field.run({call::FieldLayout::nest, 0, misses.concurrent, 1}, kCalls));
  const auto totals = TRY(set.totals());
  misses.calls = kCalls * misses.concurrent;
  misses.hits = time.hits;
  misses.missed = totals.missed;
  TRY(set.disarm());
  return set.clear();
}

}  // namespace

std::vector<KretprobeMisses> measure_kretprobe_misses(const ExperimentContext& context) {
  std::vector<KretprobeMisses> all;
  for (const auto& [maxactive, concurrent] : kCases) {
    KretprobeMisses misses{.maxactive = maxactive, .concurrent = concurrent};
    const bool possible = context.control != nullptr && context.offer.has(Capability::kretprobes);
    if (!possible) {
      const auto need = context.control != nullptr ? Capability::kretprobes : Capability::helper_module;
      misses.status = CellStatus::skipped;
      misses.reason = context.offer.why_not(need).message();
    } else if (const auto status = measure(misses, *context.control); !status) {
      misses.status = CellStatus::errored;
      misses.reason = status.error().message();
    } else {
      const auto wrong = verify::judge(misses);
      misses.status = wrong ? CellStatus::invalid : CellStatus::measured;
      misses.reason = wrong.value_or("");
    }
    all.push_back(misses);
  }
  return all;
}

}  // namespace probebench::experiment
