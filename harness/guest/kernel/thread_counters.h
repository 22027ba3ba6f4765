// SPDX-License-Identifier: MIT
// Core cycles and retired instructions of the calling thread, in user space and in the kernel.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/sample.h"

namespace probebench::kernel {

// What perf_event_open calls them (linux/perf_event.h).
struct CounterEvents {
  std::uint32_t type = 0;  // PERF_TYPE_HARDWARE
  std::uint64_t cycles = 0;
  std::uint64_t instructions = 1;
};

class ThreadCounters {
 public:
  struct Reading {
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;
  };

  // An unsupported error, with the kernel's errno, where there is no PMU or it may not be used.
  static Result<ThreadCounters> open(const CounterEvents& events = {});

  // Nothing when the counters did not run all the time: somebody else's events took turns with them.
  std::optional<Reading> read() const;

 private:
  ThreadCounters(UniqueFd cycles, UniqueFd instructions)
      : cycles_(std::move(cycles)), instructions_(std::move(instructions)) {}

  UniqueFd cycles_;  // leads the group
  UniqueFd instructions_;
};

// Into the window that was counted; nothing where nothing was.
void put_counts(const std::optional<ThreadCounters::Reading>& counted, Window& window);

}  // namespace probebench::kernel
