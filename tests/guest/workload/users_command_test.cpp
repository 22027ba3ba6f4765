// SPDX-License-Identifier: MIT
#include "workload/users_command.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "workload/work.h"

namespace probebench::workload {
namespace {

constexpr std::chrono::seconds kTimeout{20};

std::string said_of(std::vector<std::string> command) {
  const auto work = make_work(WorkloadId::command, {std::move(command), kTimeout});
  const auto status = (*work)->run(1);
  return status ? "" : status.error().message();
}

TEST(UsersCommand, TellsItsOwnEnd) {
  EXPECT_EQ(said_of({"true"}), "");
  EXPECT_EQ(said_of({"false"}), "'false' failed: exit code 1");
  EXPECT_EQ(said_of({"sh", "-c", "exit 127"}), "'sh' failed: exit code 127");
  EXPECT_EQ(said_of({"sh", "-c", "echo one >&2; echo 'no /etc/app.conf' >&2; exit 2"}),
            "'sh' failed: exit code 2; its last words: no /etc/app.conf");
  EXPECT_EQ(said_of({"sh", "-c", "kill -ILL $$"}), "'sh' was ended by signal 4 (Illegal instruction)");
  EXPECT_EQ(said_of({"/nowhere/x"}), "start '/nowhere/x': No such file or directory");
  EXPECT_EQ(said_of({"/etc/passwd"}), "start '/etc/passwd': Permission denied");
}

TEST(UsersCommand, MayKillItsGroup) {
  EXPECT_EQ(said_of({"sh", "-c", "kill -9 0"}), "'sh' was ended by signal 9 (Killed)");
}

// What it leaves behind may hold its standard error.
TEST(UsersCommand, IsNotWaitedForLongerThanItRuns) {
  adopt_orphans();
  EXPECT_EQ(said_of({"sh", "-c", "echo words >&2; sleep 1000 & exit 3"}),
            "'sh' failed: exit code 3; its last words: words");
  EXPECT_GE(end_orphans({}), 1u);
}

TEST(UsersCommand, LeavesNothingBehind) {
  adopt_orphans();
  EXPECT_EQ(said_of({"sh", "-c", "(sleep 1000 & sleep 1000 &) & wait"}), "");
  EXPECT_EQ(end_orphans({}), 2u);
  EXPECT_EQ(end_orphans({}), 0u);
}

// The keeper of the helper module is such a one.
TEST(UsersCommand, LeavesAloneWhatWasThereBefore) {
  adopt_orphans();
  auto keeper = Child::start({.argv = {"sleep", "1000"}}, -1, -1);
  ASSERT_TRUE(keeper) << keeper.error().message();
  const auto ours = children();
  EXPECT_EQ(said_of({"sh", "-c", "(sleep 1000 &) & wait"}), "");
  EXPECT_EQ(end_orphans(ours), 1u);
  int exit_code = 0;
  EXPECT_FALSE(keeper->poll_exit(exit_code));
}

TEST(LastWords, AreTheLastLineThatSaysSomething) {
  EXPECT_EQ(last_words(""), "");
  EXPECT_EQ(last_words("\n \n"), "");
  EXPECT_EQ(last_words("one\ntwo \n\n"), "two");
  EXPECT_EQ(last_words("a\x1b[31mb\xff"), "a?[31mb?");
  EXPECT_EQ(last_words(std::string(1000, 'x')).size(), 160u);
}

}  // namespace

}  // namespace probebench::workload
