// SPDX-License-Identifier: MIT
// Who started us over a network, and what happens when nobody is there any more.
#pragma once

#include <chrono>
#include <thread>

namespace probebench::agent {

// While it lives, `fd` has to bring a byte now and then. When it ends, or brings nothing for `patience`, this
// process is asked to stop as by a signal, again and again: a write that waits for a reader who is gone ends,
// too.
class Lifeline {
 public:
  // In the thread that shall be interrupted.
  Lifeline(int fd, std::chrono::milliseconds patience);

 private:
  std::jthread watcher_;
};

}  // namespace probebench::agent
