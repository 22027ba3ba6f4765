// SPDX-License-Identifier: MIT
#include "base/quiet_cpu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"

namespace probebench {
namespace {

TEST(CpuList, IsNumbersAndRanges) {
  EXPECT_EQ(*parse_cpu_list("0-2,7"), (Cpus{0, 1, 2, 7}));
  EXPECT_EQ(*parse_cpu_list("5,1\n"), (Cpus{1, 5}));
  for (const char* none : {"", "3-1", "a", "1-", "-1", "1,,2", "(null)", "4096", "99999999999"}) {
    EXPECT_FALSE(parse_cpu_list(none)) << none;
  }
}

TEST(IsolatedCpus, AreThoseOfAllThatIsolate) {
  const auto root = fs::temp_directory_path() / fmt::format("quiet_cpu_test.{}", ::getpid());
  fs::create_directories(root / "sys/devices/system/cpu");
  fs::create_directories(root / "sys/fs/cgroup");
  EXPECT_TRUE(isolated_cpus(root).empty());
  ASSERT_TRUE(write_file_atomic(root / "sys/devices/system/cpu/isolated", "2-3\n"));
  ASSERT_TRUE(write_file_atomic(root / "sys/devices/system/cpu/nohz_full", "(null)\n"));
  ASSERT_TRUE(write_file_atomic(root / "sys/fs/cgroup/cpuset.cpus.isolated", "3,5\n"));
  EXPECT_EQ(isolated_cpus(root), (Cpus{2, 3, 5}));
  fs::remove_all(root);
}

TEST(BusyTicks, LeaveOutIdlingAndTheSum) {
  const auto busy = busy_ticks(
      "cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 1 2 3 100 200 4 5 6 7 8\ncpu1 1 0 0 50 0 0 0 0 0 0\nintr 5\n");
  EXPECT_EQ(busy, (std::map<unsigned, std::uint64_t>{{0, 21}, {1, 1}}));
}

TEST(Quietest, DidLeastAndIsTheLastOfEqualOnes) {
  const std::map<unsigned, std::uint64_t> before{{0, 10}, {1, 900}, {2, 5}, {3, 5}};
  const std::map<unsigned, std::uint64_t> after{{0, 20}, {1, 901}, {2, 8}, {3, 6}};
  EXPECT_EQ(quietest({0, 1, 2, 3}, before, after), 3U);
  EXPECT_EQ(quietest({0, 1, 2}, before, after), 1U);
  EXPECT_EQ(quietest({0, 9}, before, after), 0U);  // of 9 nothing is known
}

TEST(QuietCpu, IsAsManyAsAreAskedForOrThere) {
  std::thread([] {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    const auto all = static_cast<std::size_t>(CPU_COUNT(&allowed));
    for (const std::size_t count : {std::size_t{2}, all + 1}) {
      const auto own = QuietCpu::stay("", std::chrono::milliseconds(1), count);
      ASSERT_TRUE(own) << own.error().message();
      EXPECT_EQ(own->cpus().size(), std::min(count, all));
      cpu_set_t now;
      CPU_ZERO(&now);
      ::sched_getaffinity(0, sizeof now, &now);
      EXPECT_EQ(static_cast<std::size_t>(CPU_COUNT(&now)), own->cpus().size());
    }
  }).join();
}

// In a thread of its own, whose CPUs are nobody else's matter.
TEST(QuietCpu, IsKeptUntilItGoes) {
  std::thread([] {
    const auto count = [] {
      cpu_set_t set;
      CPU_ZERO(&set);
      ::sched_getaffinity(0, sizeof set, &set);
      return CPU_COUNT(&set);
    };
    const int all = count();
    {
      const auto chosen = QuietCpu::stay({}, std::chrono::milliseconds(1));
      ASSERT_TRUE(chosen) << chosen.error().message();
      EXPECT_EQ(static_cast<unsigned>(::sched_getcpu()), chosen->cpus().front());
      EXPECT_EQ(count(), 1);
      const auto same = QuietCpu::stay(std::to_string(chosen->cpus().front()), std::chrono::milliseconds(1));
      ASSERT_TRUE(same);
      EXPECT_EQ(same->cpus().front(), chosen->cpus().front());
    }
    EXPECT_EQ(count(), all);
    const auto none = QuietCpu::stay("1023", std::chrono::milliseconds(1));
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message().find("--cpu-list 1023"), std::string::npos);
  }).join();
}

}  // namespace
}  // namespace probebench
