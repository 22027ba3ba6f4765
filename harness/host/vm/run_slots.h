// SPDX-License-Identifier: MIT
// How many virtual machines and builds may use the host at once. Guests that count instructions
// may run side by side; a guest that measures time must run alone.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/result.h"

namespace probebench::vm {

class RunSlots {
 public:
  // Gives back what was taken when it goes.
  class Held {
   public:
    Held(Held&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), taken_(other.taken_) {}
    Held& operator=(Held&& other) noexcept {
      std::swap(slots_, other.slots_);
      std::swap(taken_, other.taken_);
      return *this;
    }
    ~Held() {
      if (slots_ != nullptr) slots_->give_back(taken_);
    }

   private:
    friend class RunSlots;
    Held(RunSlots* slots, unsigned taken) : slots_(slots), taken_(taken) {}
    RunSlots* slots_;
    unsigned taken_;
  };

  explicit RunSlots(unsigned count) : count_(count), free_(count) {}

  // Wait until one is free, or until all are; a stop request ends the wait.
  Result<Held> take_one() { return take(1); }
  Result<Held> take_all() { return take(count_); }

 private:
  Result<Held> take(unsigned wanted);
  void give_back(unsigned taken);

  const unsigned count_;
  std::mutex mutex_;
  std::condition_variable freed_;
  unsigned free_;
};

}  // namespace probebench::vm
