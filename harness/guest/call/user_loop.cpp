// SPDX-License-Identifier: MIT
#include "call/user_loop.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>

#include "base/file.h"
#include "call/measured_loop.h"
#include "kernel/arch.h"
#include "pb_marker.h"

namespace probebench::call {
namespace {

std::uint64_t context_switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
}

// Other interrupts leave the coarse clock alone. Where there is one CPU the kernel's sum of all of them is
// this CPU's: that is where instructions are counted, and one interrupt too many shows. Elsewhere 0.
std::uint64_t interrupts() {
  static const bool kAlone = ::sysconf(_SC_NPROCESSORS_ONLN) == 1;
  if (!kAlone) return 0;
  const auto stat = read_file("/proc/stat");
  const auto at = stat ? stat->find("\nintr ") : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoull(stat->c_str() + at + 6, nullptr, 10);
}

// What came between its making and note().
class Disturbances {
 public:
  void note(TimedLoop& loop) const {
    loop.ticked = last_tick() != tick_;
    loop.interrupts = interrupts() - interrupts_;
    auto& window = loop.window;
    window.interrupted = loop.ticked || loop.interrupts != 0;
    window.context_switches = static_cast<std::uint32_t>(context_switches() - switches_);
    window.migrated = ::sched_getcpu() != cpu_;
    window.cpu = static_cast<std::uint32_t>(cpu_);
  }

 private:
  int cpu_ = ::sched_getcpu();
  std::uint64_t switches_ = context_switches();
  std::uint64_t interrupts_ = interrupts();
  std::uint64_t tick_ = last_tick();
};

}  // namespace

std::uint64_t last_tick() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

TimedLoop time_loop(UserFunction function, std::uint32_t calls, bool marked) {
  TimedLoop loop;
  loop.window.calls = calls;
  const Disturbances disturbances;
  if (marked) PB_MARK(PB_MARKER_BEGIN);
  std::uint64_t stamps[2] = {};
  pb_measured_loop(function, calls, stamps);
  if (marked) PB_MARK(PB_MARKER_END);
  loop.begin = stamps[0];
  loop.end = stamps[1];
  disturbances.note(loop);
  return loop;
}

TimedLoop time_once(const std::function<void()>& act, bool marked) {
  TimedLoop loop;
  const Disturbances disturbances;
  if (marked) PB_MARK(PB_MARKER_BEGIN);
  loop.begin = kernel::begin_clock();
  act();
  loop.end = kernel::end_clock();
  if (marked) PB_MARK(PB_MARKER_END);
  disturbances.note(loop);
  return loop;
}

// Until the recorder really looks, a moment passes.
PathsRecorded::PathsRecorded() {
  PB_MARK(PB_MARKER_WAKE);
  yield_until_tick();
}

PathsRecorded::~PathsRecorded() {
  PB_MARK(PB_MARKER_SLEEP);
  yield_until_tick();
}

Window joined(std::span<const TimedLoop> loops) {
  Window window = loops.front().window;
  auto begin = loops.front().begin;
  auto end = loops.front().end;
  if (loops.size() > 1) window.by_thread = {{window.cpu, {}}};
  for (const auto& loop : loops.subspan(1)) {
    begin = std::min(begin, loop.begin);
    end = std::max(end, loop.end);
    window.by_thread.push_back({loop.window.cpu, {}});
    window.context_switches += loop.window.context_switches;
    window.migrated = window.migrated || loop.window.migrated;
    window.interrupted = window.interrupted || loop.window.interrupted;
  }
  window.ticks = end - begin;
  return window;
}

Window time_calls(UserFunction function, std::uint32_t calls) {
  const std::array alone{time_loop(function, calls)};
  return joined(alone);
}

kernel::RigLimits user_limits(std::uint64_t tsc_khz, ClockKind clock) {
  // Counts do not depend on what is warm, but emulation takes its time; on a busy machine the thread comes
  // back to caches that others have used.
  const std::uint32_t warmup_calls = counts_instructions(clock) ? 16 : 100;
  return {.max_calls = 4000,
          .max_window_ns = 500'000,
          .probation_calls = 10,
          .tsc_khz = tsc_khz,
          .warmup_calls = warmup_calls};
}

void yield_until_tick() {
  const timespec least{0, 1};
  ::nanosleep(&least, nullptr);
}

Status stay_on_this_cpu() {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(::sched_getcpu(), &only);
  if (::sched_setaffinity(0, sizeof only, &only) == 0) return Done{};
  return errno_error(Fault::cell, "keep the loop on one CPU");
}

}  // namespace probebench::call
