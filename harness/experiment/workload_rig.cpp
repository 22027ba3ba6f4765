// SPDX-License-Identifier: MIT
#include "experiment/workload_rig.h"

#include <x86intrin.h>

#include <chrono>
#include <thread>

namespace probebench {
namespace {

// What the kernel has put off (freed memory, dead processes) is done in an idle moment before each window,
// and the window begins behind a timer tick.
constexpr std::chrono::milliseconds kRest{20};
// Something from outside may hit a probe once in a while; a count that is wrong is wrong each time.
constexpr int kTries = 3;

void rest() {
  std::this_thread::sleep_for(kRest);
}

}  // namespace

bool counts_agree(const HitCount& hits, bool by_time) {
  constexpr std::uint64_t kTickHits = 64;  // of one tick more or less
  if (!by_time) return hits.expected == hits.counted;
  const auto larger = std::max(hits.expected, hits.counted);
  const auto smaller = std::min(hits.expected, hits.counted);
  return larger - smaller <= larger / 10 + kTickHits;
}

Result<WorkloadRig> WorkloadRig::make(WorkloadId id, const WorkOptions& options) {
  auto work = make_work(id, options);
  if (!work) return work.error();
  WorkloadRig rig(id, std::move(*work));
  // The first operation finds nothing in any cache of the kernel's.
  if (auto status = rig.work_->run(2); !status) return status.error();
  return rig;
}

Result<std::uint64_t> WorkloadRig::window(std::uint32_t operations) {
  unsigned cpu = 0;
  rest();
  _mm_lfence();
  const std::uint64_t begin = __rdtsc();
  _mm_lfence();
  const auto status = work_->run(operations);
  const std::uint64_t end = __rdtscp(&cpu);
  if (!status) return status.error();
  return end - begin;
}

Result<std::vector<double>> WorkloadRig::time(std::uint32_t rounds) {
  const auto operations = info_of(id_).operations;
  std::vector<double> per_op;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const auto once = window(operations);
    if (!once) return once.error();
    const auto twice = window(2 * operations);
    if (!twice) return twice.error();
    per_op.push_back((static_cast<double>(*twice) - static_cast<double>(*once)) / operations);
  }
  return per_op;
}

Result<WorkloadRig::Count> WorkloadRig::count(ArmedSuite& suite) {
  const auto& info = info_of(id_);
  const auto operations = [&] {
    rest();
    return work_->run(info.operations);
  };
  Count count;
  for (int i = 0; i < kTries && !count.agreed; ++i) {
    auto counted = suite.count(operations);
    if (!counted) return counted.error();
    count = {std::move(*counted), false};
    count.agreed = counts_agree(count.of.hits, info.by_time);
  }
  for (auto& state : count.of.states) state.hits_per_op /= info.operations;
  return count;
}

}  // namespace probebench
