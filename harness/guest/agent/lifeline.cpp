// SPDX-License-Identifier: MIT
#include "agent/lifeline.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace probebench::agent {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{200};
constexpr std::chrono::milliseconds kBetweenSignals{2000};

// False: it has ended.
bool drain(int fd) {
  std::array<char, 256> signs;
  const auto got = ::read(fd, signs.data(), signs.size());
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

void watch(const std::stop_token& done, int fd, std::chrono::milliseconds patience, pthread_t owner) {
  using Clock = std::chrono::steady_clock;
  auto last_sign = Clock::now();
  bool alive = true;
  while (alive && !done.stop_requested()) {
    pollfd watched{fd, POLLIN, 0};
    if (::poll(&watched, 1, static_cast<int>(kBetweenLooks.count())) > 0) {
      alive = drain(fd);
      last_sign = Clock::now();
    }
    alive = alive && Clock::now() - last_sign < patience;
  }
  while (!done.stop_requested()) {
    ::pthread_kill(owner, SIGHUP);
    std::this_thread::sleep_for(kBetweenSignals);
  }
}

}  // namespace

// The signals of this process are for its other threads.
Lifeline::Lifeline(int fd, std::chrono::milliseconds patience) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  watcher_ = std::jthread([fd, patience, owner = ::pthread_self()](const std::stop_token& done) {
    watch(done, fd, patience, owner);
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace probebench::agent
