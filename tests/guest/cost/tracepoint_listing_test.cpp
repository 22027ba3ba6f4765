// SPDX-License-Identifier: MIT
#include "cost/tracepoint_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace probebench::cost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TracepointLayout kLayout{.funcs = 64, .func_size = 24};

// Kernel memory of words; what is not named cannot be read.
ReadMemory memory_of(std::map<std::uint64_t, std::uint64_t> words) {
  return [words = std::move(words)](std::uint64_t address, std::size_t length) -> Result<Bytes> {
    const auto found = words.find(address);
    if (found == words.end() || length != sizeof found->second)
      return Error{Fault::cell, "read there", EFAULT, {}};
    Bytes bytes(length);
    std::memcpy(bytes.data(), &found->second, length);
    return bytes;
  };
}

std::vector<std::uint64_t> read_all(std::uint64_t array, const ReadMemory& read) {
  auto functions = functions_in(array, kLayout, read);
  EXPECT_TRUE(functions);
  return functions ? *functions : std::vector<std::uint64_t>();
}

TEST(TracepointListing, AnArrayEndsWithNoFunction) {
  const auto two = memory_of({{0x1000, 0xa}, {0x1018, 0xb}, {0x1030, 0}});
  EXPECT_THAT(read_all(0x1000, two), ElementsAre(0xa, 0xb));
  EXPECT_THAT(read_all(0, two), IsEmpty());
  EXPECT_THAT(read_all(0x1030, two), IsEmpty());
  EXPECT_FALSE(functions_in(0x2000, kLayout, two)) << "freed meanwhile";
}

TEST(TracepointListing, AnArrayThatDoesNotEndIsCutOff) {
  const ReadMemory endless = [](auto, auto length) -> Result<Bytes> { return Bytes(length, 1); };
  EXPECT_EQ(read_all(0x1000, endless).size(), 16U);
}

std::string event_of(const std::string& line) {
  const std::map<std::string, std::string> groups{{"sched_switch", "sched"},
                                                  {"sys_enter_openat", "syscalls"},
                                                  {"sys_exit_openat", "syscalls"},
                                                  {"sys_enter", "raw_syscalls"}};
  const auto group_of = [&](const std::string& event) {
    const auto found = groups.find(event);
    return found == groups.end() ? std::string() : found->second;
  };
  return event_of_perf(line, group_of).value_or("none");
}

TEST(TracepointListing, TheEventThatPassesWhenPerfsDoes) {
  EXPECT_EQ(event_of("sched_switch perf_trace_sched_switch"), "sched/sched_switch");
  EXPECT_EQ(event_of("sys_enter perf_syscall_enter __x64_sys_openat"), "syscalls/sys_enter_openat");
  EXPECT_EQ(event_of("sys_exit perf_syscall_exit __x64_sys_openat"), "syscalls/sys_exit_openat");
  EXPECT_EQ(event_of("sys_enter perf_trace_sys_enter"), "raw_syscalls/sys_enter");
  EXPECT_EQ(event_of("sched_switch trace_event_raw_event_sched_switch"), "none") << "that of set_event";
  EXPECT_EQ(event_of("unknown_one perf_trace_unknown_one"), "none");
  EXPECT_EQ(event_of("sched_switch"), "none");
}

}  // namespace
}  // namespace probebench::cost
