// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>

#include "base/result.h"

namespace probebench::inline base {

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
