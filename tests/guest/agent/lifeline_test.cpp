// SPDX-License-Identifier: MIT
#include "agent/lifeline.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <string>
#include <utility>

#include "agent/record_channel.h"
#include "base/stop.h"
#include "base/unique_fd.h"

namespace probebench::agent {
namespace {

constexpr int kCameBack = 7;

// How a process ended that was started with the read end of that pipe.
int ended(Pipe signs, const std::function<void(int)>& child) {
  const auto pid = ::fork();
  if (pid == 0) {
    ::alarm(100);
    ::close(signs.write_end.get());
    child(signs.read_end.get());
    ::_exit(kCameBack);
  }
  signs.write_end.reset();
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

void wait_under(int fd, std::chrono::milliseconds patience) {
  const Lifeline lifeline(fd, patience);
  for (;;) ::pause();
}

TEST(Lifeline, StopsWhoseInputHasEnded) {
  auto signs = make_pipe();
  ASSERT_TRUE(signs);
  const int status = ended(*std::move(signs), [](int fd) { wait_under(fd, std::chrono::hours(1)); });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGHUP);
}

TEST(Lifeline, StopsWhoHearsNothing) {
  auto signs = make_pipe();
  ASSERT_TRUE(signs);
  const UniqueFd held(::dup(signs->write_end.get()));
  const int status = ended(*std::move(signs), [](int fd) { wait_under(fd, std::chrono::milliseconds(1)); });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGHUP);
}

TEST(Lifeline, EndsAWriteThatNobodyReads) {
  auto signs = make_pipe();
  auto records = make_pipe();
  ASSERT_TRUE(signs && records);
  const int status = ended(*std::move(signs), [&](int fd) {
    install_stop_handlers();
    const Lifeline lifeline(fd, std::chrono::hours(1));
    const RecordChannel channel(std::move(records->write_end));
    channel.say(std::string(16 << 20, 'x'));  // more than a pipe holds
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kCameBack);
}

}  // namespace
}  // namespace probebench::agent
