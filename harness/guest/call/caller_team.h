// SPDX-License-Identifier: MIT
// Threads that make calls at the same time, each kept on a CPU of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "call/user_loop.h"
#include "kernel/perf_event.h"
#include "model/sample.h"

namespace probebench::call {

class CallerTeam {
 public:
  // The calling thread is the first of them and stays on the CPU that it runs on. A target with fewer CPUs is
  // an unsupported error.
  static Result<std::unique_ptr<CallerTeam>> make(std::uint32_t threads);
  CallerTeam(const CallerTeam&) = delete;
  CallerTeam& operator=(const CallerTeam&) = delete;
  ~CallerTeam();

  std::size_t size() const { return workers_.size() + 1; }
  // Runs `part` with each thread's index, all beginning together; returns when the last is done.
  void run(const std::function<void(std::size_t)>& part);
  // The same, with the PMU read before and after where there is one and the team is one thread; what reading
  // costs is the same in every window, and gone from the slope. Returns what it counted.
  std::optional<kernel::ThreadCounters::Reading> run_counted(const std::function<void(std::size_t)>& part);
  // Each thread makes so many calls, between the marker instructions if asked for.
  Window time_calls(UserFunction function, std::uint32_t calls, bool marked = false);

 private:
  CallerTeam() = default;
  // False: no CPU is left for another thread.
  bool add_worker();
  void work(std::size_t index);
  void begin_together();
  void end_workers();

  std::vector<std::jthread> workers_;
  std::function<void(std::size_t)> part_;
  std::atomic<std::uint32_t> turn_ = 0;    // grows when there is a part to run
  std::atomic<std::size_t> ready_ = 0;     // threads that wait for the others to begin
  std::atomic<std::size_t> finished_ = 0;  // workers that are done with this turn's part
  std::atomic<bool> ends_ = false;
  std::uint32_t next_cpu_ = 0;
  std::optional<kernel::ThreadCounters> counters_;
};

}  // namespace probebench::call
