// SPDX-License-Identifier: MIT
// SIGINT and SIGTERM become one flag and one readable descriptor; every waiting loop watches them, so that
// an interrupted run unwinds through its destructors and leaves nothing behind.
#pragma once

#include <chrono>
#include <thread>

#include "base/result.h"

namespace probebench::inline base {

// Installs the handlers; call once, first thing in main.
void install_stop_handlers();

// Whether a stop was requested.
bool stop_requested();

// Readable once a stop was requested; for poll(). -1 before install_stop_handlers().
int stop_fd();

// Asks again and again until the answer is yes. False: the time was over first; then it was asked at least
// once. What asking failed with ends it.
template <typename Ask>
Result<bool> poll_until(std::chrono::milliseconds deadline, std::chrono::milliseconds pause, Ask ask) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    Result<bool> answer = ask();
    if (!answer || *answer) return answer;
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace probebench::inline base
