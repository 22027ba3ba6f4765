// SPDX-License-Identifier: MIT
#include "vm/run_slots.h"

#include <chrono>

#include "base/stop.h"

namespace probebench::vm {
namespace {

constexpr std::chrono::milliseconds kTick{100};  // a signal handler cannot wake a condition variable

}  // namespace

Result<RunSlots::Held> RunSlots::take(unsigned wanted) {
  std::unique_lock lock(mutex_);
  while (!freed_.wait_for(lock, kTick, [&] { return free_ >= wanted || stop_requested(); })) {
  }
  if (stop_requested()) return Error{Fault::interrupted, "interrupted while waiting for its turn", 0, {}};
  free_ -= wanted;
  return Held(this, wanted);
}

void RunSlots::give_back(unsigned taken) {
  const std::lock_guard lock(mutex_);
  free_ += taken;
  freed_.notify_all();
}

}  // namespace probebench::vm
