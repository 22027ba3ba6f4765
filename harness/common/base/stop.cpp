// SPDX-License-Identifier: MIT
#include "base/stop.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace probebench::inline base {
namespace {

// Signal handlers can only reach globals; these three are the project's only mutable ones.
std::atomic<bool> stop_flag{false};
std::array<int, 2> stop_pipe{-1, -1};

void on_signal(int) {
  const int saved = errno;
  stop_flag.store(true);
  const char byte = 1;
  // A full pipe is fine: it is readable already.
  [[maybe_unused]] const ssize_t put = ::write(stop_pipe[1], &byte, 1);
  errno = saved;
}

}  // namespace

void install_stop_handlers() {
  if (::pipe2(stop_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGHUP, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() {
  return stop_flag.load();
}

int stop_fd() {
  return stop_pipe[0];
}

}  // namespace probebench::inline base
