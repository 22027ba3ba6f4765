// SPDX-License-Identifier: MIT
#include "cost/keeper.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>

namespace probebench::cost {
namespace {

pid_t sleeping_group() {
  const auto pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::execl("/bin/sleep", "sleep", "1000", nullptr);  // which lets go of our end of the pipe
    ::_exit(1);
  }
  ::setpgid(pid, pid);
  return pid;
}

TEST(Keeper, EndsWhatItWasToldOfWhenWeLetGo) {
  auto keeper = Keeper::start();
  ASSERT_TRUE(keeper) << keeper.error().message();
  const auto pid = sleeping_group();
  ASSERT_TRUE(keeper->take_group(pid));
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, WNOHANG), 0) << "it lives as long as we do";
  { const auto gone = std::move(*keeper); }
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT) << "asked, and not killed";
  ::waitpid(-1, nullptr, 0);  // the keeper
}

TEST(Keeper, LeavesAloneWhatHasEnded) {
  auto keeper = Keeper::start();
  ASSERT_TRUE(keeper) << keeper.error().message();
  const auto pid = sleeping_group();  // stands for another's, with a number that was a tool's
  ASSERT_TRUE(keeper->take_group(pid));
  ASSERT_TRUE(keeper->forget_group(pid));
  { const auto gone = std::move(*keeper); }
  ::waitpid(-1, nullptr, 0);  // the keeper, which has done all that it does
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), 0);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace
}  // namespace probebench::cost
