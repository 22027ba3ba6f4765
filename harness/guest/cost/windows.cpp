// SPDX-License-Identifier: MIT
#include "cost/windows.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "call/user_loop.h"
#include "kernel/arch.h"

namespace probebench::cost {
namespace {

constexpr int kTries = 20;
// A timer tick comes every four million instructions at the earliest.
constexpr std::uint64_t kLongestWindow = 1'500'000;
constexpr std::uint64_t kWindowOfRuns = 40'000'000;
constexpr std::uint64_t kMostRuns = 16;
constexpr std::uint32_t kFewest = 4;
constexpr std::uint32_t kMost = 500;

constexpr int kGracePeriods = 3;
constexpr std::chrono::milliseconds kOfCallbacks{20};

// What operations gave back is free only after a grace period: until then they take other memory, which costs
// more. An idle guest's time is free.
void settle() {
  for (int i = 0; i < kGracePeriods; ++i) {
    ::syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
    std::this_thread::sleep_for(kOfCallbacks);
  }
}

}  // namespace

bool Windows::is_clean(const call::TimedLoop& loop) const {
  if (kind_ == OperationKind::whole) return true;
  const auto& window = loop.window;
  if (kind_ == OperationKind::timed || interrupts_allowed_)
    return !loop.ticked && window.context_switches == 0 && !window.migrated;
  return !window.interrupted && !window.migrated;
}

Result<Windows::Taken> Windows::clean_window(std::uint32_t operations,
                                             const std::function<Status()>& between) {
  Status status = Done{};
  for (int i = 0; i < kTries; ++i) {
    if (between) TRY(between());
    if (kind_ == OperationKind::brief) {
      settle();
      TRY(files_.level(settle));
    }
    call::yield_until_tick();
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    const auto loop = call::time_once([&] {
      status = work_.run(warm_up_);
      begin = kernel::begin_clock();
      if (status) status = work_.run(operations);
      end = kernel::end_clock();
    });
    made_ += warm_up_ + operations;
    if (!status) return status.take_error();
    if (is_clean(loop)) return Taken{work_.own_ticks().value_or(end - begin), loop.interrupts};
  }
  return Error{Fault::cell, "time a window without an interrupt", EBUSY,
               "an operation is too long for it: --workload with a program of your own takes whole runs"};
}

Status Windows::run(std::uint32_t operations) {
  made_ += warm_up_ + operations;
  return work_.run(warm_up_ + operations);
}

Result<std::uint32_t> Windows::mark(std::uint32_t operations) {
  const call::PathsRecorded recorded;
  for (int i = 0; i < kTries; ++i) {
    call::yield_until_tick();
    Status status = work_.run(warm_up_);
    const auto loop = call::time_once(
        [&] {
          if (status) status = work_.run(operations);
        },
        true);
    made_ += warm_up_ + operations;
    ++marked_;
    if (!status) return status.take_error();
    if (is_clean(loop)) return marked_;
  }
  return Error{Fault::cell, "record a path without an interrupt", EBUSY, "an operation is too long for it"};
}

// As many as make interrupts and other accidents small against what they are.
Result<std::uint32_t> Windows::runs() {
  const auto once = std::max<std::uint64_t>(1, TRY(clean_window(1, {})).ticks);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(kWindowOfRuns / once, 1, kMostRuns));
}

Result<std::uint32_t> Windows::operations() {
  if (kind_ == OperationKind::whole) return runs();
  const auto few = TRY(clean_window(kFewest, {})).ticks;
  const auto twice = TRY(clean_window(2 * kFewest, {})).ticks;
  const auto per_op = std::max<std::uint64_t>(1, (twice - std::min(few, twice)) / kFewest);
  const auto fit = kLongestWindow / (2 * per_op);
  const auto most = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(fit, kFewest, kMost));
  return kind_ == OperationKind::brief ? files_.whole_slabs(most) : most;
}

Result<std::vector<PairTicks>> Windows::pairs(std::uint32_t operations,
                                              const std::function<Status()>& between) {
  std::vector<PairTicks> pairs;
  std::uint64_t interrupts = 0;
  TRY(clean_window(operations, between));  // the first one after something else is dearer
  for (std::uint32_t i = 0; i < rounds_; ++i) {
    const auto once = TRY(clean_window(operations, between));
    const auto twice = TRY(clean_window(2 * operations, between));
    pairs.push_back({once.ticks, twice.ticks});
    interrupts += twice.interrupts - std::min(once.interrupts, twice.interrupts);
  }
  interrupts_per_op_ =
      static_cast<double>(interrupts) / static_cast<double>(std::uint64_t{operations} * rounds_);
  return pairs;
}

std::vector<double> per_op(const std::vector<PairTicks>& pairs, std::uint32_t operations) {
  std::vector<double> figures;
  for (const auto& [once, twice] : pairs) {
    figures.push_back((static_cast<double>(twice) - static_cast<double>(once)) / operations);
  }
  return figures;
}

}  // namespace probebench::cost
