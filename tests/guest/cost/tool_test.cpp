// SPDX-License-Identifier: MIT
#include "cost/tool.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "temporary_directory.h"

namespace probebench::cost {
namespace {

TEST(ToolOutput, HasALastLine) {
  EXPECT_EQ(last_line(""), "");
  EXPECT_EQ(last_line("Attaching 1 probe...\nERROR: no such function\n\n"), "ERROR: no such function");
}

TEST(ToolOutput, TellsOfLosses) {
  EXPECT_EQ(line_on_losses("hello\nLost 64 events\n"), "Lost 64 events");
  EXPECT_EQ(line_on_losses("[ perf record: Woken up 1 times ]\n"), "");
  EXPECT_EQ(line_on_losses("Lost 0 events\n"), "");
  EXPECT_EQ(line_on_losses("the event was lost in thought\n"), "");
}

TEST(ToolTime, IsTheFirstFigure) {
  EXPECT_EQ(cpu_ns_of("12345 678 9\n"), 12345u);
  EXPECT_EQ(cpu_ns_of(""), 0u);
}

// The shell goes, what it started stays: it is the tool's as much as the shell is.
TEST(Tool, EndsWhatItsProcessesLeaveBehind) {
  auto tool = Tool::start({"/bin/sh", "-c", "setsid sleep 1000 & echo started; echo twice >&2"});
  ASSERT_TRUE(tool) << tool.error().message();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!tool->ended() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_EQ(tool->ended().value_or("nothing"), "exit code 0");
  EXPECT_EQ(tool->output(), "started\ntwice\n");
  EXPECT_EQ(processes_below(::getpid()).size(), 1u);
  EXPECT_TRUE(tool->end());
  EXPECT_TRUE(processes_below(::getpid()).empty());
}

TEST(Tool, ThatEndedByItselfLeavesNothingEither) {
  {
    auto tool = Tool::start({"/bin/sh", "-c", "setsid sleep 1000 &"});
    ASSERT_TRUE(tool) << tool.error().message();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!tool->ended() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_EQ(processes_below(::getpid()).size(), 1u);
  }
  EXPECT_TRUE(processes_below(::getpid()).empty());
}

void add_process(const fs::path& proc, const char* pid, const char* stat, bool runs_a_program) {
  fs::create_directories(proc / pid);
  ASSERT_TRUE(write_file_atomic(proc / pid / "stat", stat));
  if (runs_a_program) fs::create_symlink("/bin/tool", proc / pid / "exe");
}

TEST(ProcessesBelow, AreNobodyElses) {
  TemporaryDirectory root;
  const auto proc = root.path() / "proc";
  add_process(proc, "10", "10 (agent) S 1 10", true);
  add_process(proc, "11", "11 (a ) S 99) S 10 10", true);
  add_process(proc, "12", "12 (grandchild) T 11 12", true);
  add_process(proc, "13", "13 (has ended) Z 10 10", false);
  add_process(proc, "20", "20 (another) S 1 20", true);
  EXPECT_EQ(processes_below(10, root.path()), (std::set<pid_t>{11, 12}));
}

// Each file that is opened is an event for a tool that watches them: a hundred threads of the kernel once
// filled the buffer of bpftrace between two windows.
TEST(ProcessesBelow, AreFoundWithoutOpeningAFileOfEachThreadOfTheKernel) {
  TemporaryDirectory root;
  const auto proc = root.path() / "proc";
  add_process(proc, "2", "2 (kthreadd) S 0 0", false);
  const UniqueFd opened(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(::inotify_add_watch(opened.get(), (proc / "2").c_str(), IN_OPEN), 0);
  EXPECT_TRUE(processes_below(10, root.path()).empty());
  std::array<char, 4096> events{};
  EXPECT_LT(::read(opened.get(), events.data(), events.size()), 0);
  EXPECT_EQ(errno, EAGAIN);
}

}  // namespace
}  // namespace probebench::cost
