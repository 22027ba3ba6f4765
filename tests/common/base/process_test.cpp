// SPDX-License-Identifier: MIT
#include "base/process.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

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
