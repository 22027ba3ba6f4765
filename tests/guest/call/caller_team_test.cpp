// SPDX-License-Identifier: MIT
#include "call/caller_team.h"

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <set>

namespace probebench::call {
namespace {

std::uint32_t allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

// In a thread of its own: making a team keeps the maker on one CPU.
void with_team(std::uint32_t threads, const std::function<void(CallerTeam&)>& act) {
  std::jthread maker([&] {
    auto team = CallerTeam::make(threads);
    ASSERT_TRUE(team) << team.error().message();
    act(**team);
  });
}

TEST(CallerTeam, EveryThreadRunsEveryPartOnce) {
  const auto threads = std::min(2u, allowed_cpus());
  std::vector<std::atomic<int>> runs(threads);
  with_team(threads, [&](CallerTeam& team) {
    for (int i = 0; i < 100; ++i) team.run([&](std::size_t index) { ++runs[index]; });
  });
  for (const auto& count : runs) EXPECT_EQ(count, 100);
}

std::atomic<std::uint32_t> calls_made = 0;
void call() {
  ++calls_made;
}

TEST(CallerTeam, ThreadsMakeTheirCallsOnCpusOfTheirOwn) {
  const auto threads = std::min(2u, allowed_cpus());
  Window window;
  with_team(threads, [&](CallerTeam& team) { window = team.time_calls(call, 50); });
  EXPECT_EQ(calls_made, 50 * threads);
  EXPECT_EQ(window.calls, 50u);
  EXPECT_EQ(window.threads(), threads);
  std::set<std::uint32_t> cpus;
  for (const auto& thread : window.by_thread) cpus.insert(thread.cpu);
  EXPECT_EQ(cpus.size(), window.by_thread.size());
}

TEST(CallerTeam, MoreThreadsThanCpusIsUnsupported) {
  const auto most = allowed_cpus();
  std::jthread maker([most] {
    const auto team = CallerTeam::make(static_cast<std::uint32_t>(::sysconf(_SC_NPROCESSORS_CONF)) + 1);
    ASSERT_FALSE(team);
    EXPECT_EQ(team.error().fault, Fault::unsupported);
    EXPECT_NE(team.error().what.find("threads at once need as many CPUs"), std::string::npos);
    EXPECT_EQ(team.error().hint,
              most > 1 ? "--threads " + std::to_string(most) + " or fewer" : std::string("--threads 1"));
  });
}

// The kernel's clocks stand in: no machine lacks those, and both grow with what the thread does.
constexpr kernel::CounterEvents kSoftware{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK,
                                          PERF_COUNT_SW_CPU_CLOCK};

TEST(ThreadCounters, CountTheCallingThread) {
  const auto counters = kernel::ThreadCounters::open(kSoftware);
  if (!counters && (counters.error().err == EPERM || counters.error().err == EACCES)) {
    GTEST_SKIP() << "perf events are not allowed here: " << counters.error().message();
  }
  ASSERT_TRUE(counters) << counters.error().message();
  const auto before = counters->read();
  for (int i = 0; i < 1000; ++i) call();
  const auto after = counters->read();
  ASSERT_TRUE(before && after);
  EXPECT_GT(after->cycles, before->cycles);
  EXPECT_GT(after->instructions, before->instructions);
}

TEST(ThreadCounters, WhatTheKernelDoesNotKnowIsUnsupported) {
  const auto counters = kernel::ThreadCounters::open({PERF_TYPE_SOFTWARE, 12345, 0});
  ASSERT_FALSE(counters);
  EXPECT_EQ(counters.error().fault, Fault::unsupported);
  EXPECT_NE(counters.error().err, 0);
}

TEST(Joined, IsFromTheFirstBeginToTheLastEnd) {
  TimedLoop one{100, 200, {}}, other{90, 180, {}};
  one.window.calls = other.window.calls = 10;
  other.window.cpu = 1;
  other.window.context_switches = 2;
  other.window.interrupted = true;
  const std::array loops{one, other};
  const auto window = joined(loops);
  EXPECT_EQ(window.ticks, 110u);
  EXPECT_EQ(window.all_calls(), 20u);
  EXPECT_EQ(window.context_switches, 2u);
  EXPECT_TRUE(window.disturbed());
  EXPECT_EQ(window.by_thread[1].cpu, 1u);
}

TEST(Joined, OneLoopIsNoTeam) {
  const std::array loops{TimedLoop{100, 200, {}}};
  EXPECT_TRUE(joined(loops).by_thread.empty());
  EXPECT_EQ(joined(loops).ticks, 100u);
}

}  // namespace
}  // namespace probebench::call
