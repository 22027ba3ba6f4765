// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "base/text.h"
#include "temporary_directory.h"

namespace probebench {
namespace {

using std::chrono::seconds;

std::string output_of(const Command& command) {
  const auto finished = run_command(command, seconds(20));
  return finished ? finished->output : finished.error().message();
}

TEST(Process, SettingsReplaceInheritedOnesOfTheSameName) {
  ::setenv("PROCESS_TEST", "inherited", 1);
  ::setenv("PROCESS_TEST_2", "kept", 1);
  EXPECT_EQ(output_of({.argv = {"/bin/sh", "-c", "env | grep ^PROCESS_TEST | sort"},
                       .environment = {"PROCESS_TEST=set", "PROCESS_TEST_3=added"}}),
            "PROCESS_TEST=set\nPROCESS_TEST_2=kept\nPROCESS_TEST_3=added\n");
  EXPECT_STREQ(::getenv("PROCESS_TEST"), "inherited");
}

TEST(Process, WaitedAsLongAsItsThreadThatWaitedLongest) {
  const TemporaryDirectory proc;
  proc.write("7/task/7/schedstat", "5000 41 9\n");
  proc.write("7/task/8/schedstat", "90 3000000042 2\n");
  EXPECT_EQ(waited_for_a_cpu(7, proc.path()).count(), 3'000'000'042);
  EXPECT_EQ(waited_for_a_cpu(8, proc.path()).count(), 0);
}

TEST(Process, AProgramIsFoundOnThePathAndRunInItsDirectory) {
  EXPECT_EQ(output_of({.argv = {"pwd"}, .directory = "/"}), "/\n");
  EXPECT_TRUE(program_exists("pwd"));
  EXPECT_FALSE(program_exists("no-such-program"));
  EXPECT_FALSE(program_exists("/tmp"));
}

TEST(Process, WhatCannotBeStartedSaysWhy) {
  for (const auto* name : {"no-such-program", "/nowhere/program"}) {
    const auto finished = run_command({.argv = {name}}, seconds(20));
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().err, ENOENT) << name;
  }
}

// A lock of the C library that another thread held at the moment of the fork stays held in the child: a child
// that waits for one waits for ever.
TEST(Process, StartsWhileAnotherThreadSetsVariables) {
  std::atomic<bool> ends = false;
  std::jthread other([&] {
    while (!ends) ::setenv("PROCESS_TEST", "other", 1);
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(output_of({.argv = {"/bin/echo", "x"}, .environment = {"PROCESS_TEST_3=added"}}), "x\n");
  }
  ends = true;
}

// One's new number is the other's old one.
TEST(Process, DescriptorsHaveTheNumbersThatWereAskedFor) {
  const auto one = memory_file("one", "1"), two = memory_file("two", "2");
  ASSERT_TRUE(one && two);
  const auto swapped = fmt::format("cat /proc/self/fd/{} /proc/self/fd/{}", one->get(), two->get());
  const auto output = output_of(
      {.argv = {"/bin/sh", "-c", swapped}, .passed = {{one->get(), two->get()}, {two->get(), one->get()}}});
  EXPECT_EQ(output, "21");
  EXPECT_NE(output_of({.argv = {"/bin/sh", "-c", swapped}}), "21");  // no child has what was not passed
}

TEST(Process, AConfinedOneHasNoRightsAndTheLimitsThatWereAskedFor) {
  const auto confinement = strictest_confinement({{RLIMIT_CORE, 0}, {RLIMIT_NOFILE, 77}}, {});
  const auto* show =
      "ulimit -n; id -u; readlink /proc/self/ns/net; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status";
  const auto said = output_of({.argv = {"/bin/sh", "-c", show}, .confinement = confinement});
  const auto lines = split(said, '\n');
  ASSERT_GE(lines.size(), 5U) << said;
  EXPECT_EQ(lines[0], "77");
  EXPECT_EQ(lines[1], std::to_string(confinement.as_nobody ? kNobody : ::geteuid()));
  const bool apart = lines[2] != std::filesystem::read_symlink("/proc/self/ns/net").string();
  EXPECT_EQ(apart, confinement.namespaces != 0);
  const bool powerless = confinement.as_nobody || ::geteuid() != 0;
  EXPECT_EQ(lines[3] == "CapEff:\t0000000000000000", powerless) << lines[3];
  EXPECT_EQ(lines[4], "NoNewPrivs:\t1");
}

// A user who owns nothing cannot open what is root's alone, so root stays root for it; a device that nobody
// can open is the program's to report.
TEST(Process, AConfinementLeavesTheDevice) {
  const TemporaryDirectory directory;
  const auto device = directory.path() / "device";
  ASSERT_TRUE(write_file_atomic(device, "device"));
  std::filesystem::permissions(directory.path(), std::filesystem::perms::owner_all);
  const auto confinement = strictest_confinement({}, device);
  EXPECT_FALSE(confinement.as_nobody);
  EXPECT_EQ(output_of({.argv = {"cat", device}, .confinement = confinement}), "device");
  EXPECT_EQ(strictest_confinement({}, directory.path() / "none").as_nobody,
            strictest_confinement({}, {}).as_nobody);
}

TEST(Process, AConfinedOneEndsWithUs) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto child = Child::start({.argv = {"sleep", "60"}, .confinement = strictest_confinement({}, {})},
                                    pipe->write_end.get(), -1);
    ::kill(::getpid(), SIGKILL);
  }
  pipe->write_end.reset();
  ::waitpid(owner, nullptr, 0);
  pollfd end{pipe->read_end.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 20000), 1);  // the last writer has gone
}

TEST(Process, AWatchMayEndIt) {
  int looks = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto finished = run_command({.argv = {"sleep", "60"}}, seconds(50), [&]() -> Status {
    return ++looks < 2 ? Status(Done{}) : Status(Error{Fault::infra, "seen enough", 0, {}});
  });
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().what, "seen enough");
  EXPECT_EQ(looks, 2);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(30));
  EXPECT_EQ(run_command({.argv = {"echo", "x"}}, seconds(20), [] { return Status(Done{}); })->output, "x\n");
}

}  // namespace

}  // namespace probebench
