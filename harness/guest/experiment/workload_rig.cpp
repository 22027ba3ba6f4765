// SPDX-License-Identifier: MIT
#include "experiment/workload_rig.h"

#include <chrono>
#include <thread>

#include "kernel/arch.h"

namespace probebench::experiment {
namespace {

// The window begins behind a timer tick.
constexpr std::chrono::milliseconds kRest{20};
// Windows that are timed have so many times the operations of those that count.
constexpr std::uint32_t kTimedFactor = 3;

}  // namespace

Result<WorkloadRig> WorkloadRig::make(WorkloadId id, const workload::WorkOptions& options) {
  auto work = TRY(workload::make_work(id, options));
  WorkloadRig rig(id, std::move(work));
  // The first operation finds nothing in any cache of the kernel's.
  TRY(rig.work_->run(2));
  return rig;
}

// Some operations come first: work that the kernel defers of them falls into the window, in place of that of
// its last operations, which falls outside.
Result<std::uint64_t> WorkloadRig::window(std::uint32_t operations) {
  std::this_thread::sleep_for(kRest);
  TRY(work_->run(operations / (4 * kTimedFactor) + 1));
  const auto begin = kernel::begin_clock();
  const auto status = work_->run(operations);
  const auto end = kernel::end_clock();
  if (!status) return status.error();
  return end - begin;
}

Result<std::vector<double>> WorkloadRig::time(std::uint32_t rounds) {
  const auto operations = kTimedFactor * info_of(id_).operations;
  std::vector<double> per_op;
  for (std::uint32_t i = 0; i < rounds; ++i) {
    const auto ticks = TRY(window(operations));
    per_op.push_back(static_cast<double>(ticks) / operations);
  }
  return per_op;
}

Result<SuiteHits> WorkloadRig::count(ArmedSuite& suite) {
  const auto operations = info_of(id_).operations;
  auto counted = suite.count([&] { return work_->run(operations); });
  if (!counted) return counted;
  for (auto& state : counted->states) state.hits_per_op /= operations;
  for (auto& site : counted->by_site) site.hits_per_op /= operations;
  return counted;
}

}  // namespace probebench::experiment
