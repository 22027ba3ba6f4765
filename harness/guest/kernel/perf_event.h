// SPDX-License-Identifier: MIT
// Perf events: opened, counted, and the two PMUs whose events are probes.
#pragma once

#include <linux/perf_event.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/sample.h"

namespace probebench::kernel {

// Of the PMU "kprobe": at a kernel function. Of the PMU "uprobe": in a file.
struct PerfProbe {
  std::string pmu;
  std::string place;         // function or path; empty: `offset` is a kernel address
  std::uint64_t offset = 0;  // from there
  bool at_return = false;
};

bool has_pmu(std::string_view name);

// They point into `probe`. A kernel without the PMU is an unsupported error.
Result<perf_event_attr> attributes_of(const PerfProbe& probe);

// What an event counts: what the calling thread does on any CPU, or what everybody does on the first one.
enum class Watch { this_thread, first_cpu };

// `leader`: of the group that it joins. Whether a refusal makes a row skipped is the caller's to say.
Result<UniqueFd> open_perf_event(perf_event_attr attributes, Watch watch, const std::string& what,
                                 int leader = -1);

Result<std::uint64_t> read_count(const UniqueFd& event);

// Counts a trace event in a program and in all that it starts, from its execve() on, or in a process that
// runs. Where the kernel has no
// such event, the error is an unsupported one with its errno. Dynamic events of kprobes and uprobes are trace
// events, too; those of the PMUs "kprobe" and "uprobe" lose the hits of children.
class EventCounter {
 public:
  // "sched:sched_switch"
  static Result<EventCounter> of_event(std::string name);

  // In a process that has not become its program yet. What an earlier start counted is forgotten. (An event
  // of this process, inherited by the other, is enabled by execve() in whichever of the two has it then: the
  // kernel swaps equal sets of events between tasks.)
  Status start(pid_t process);
  // In each thread of a process that runs, and in all that they start, from now on.
  Status watch(pid_t process);
  Result<std::uint64_t> read() const;

 private:
  // Keeps a uprobe in every process that has its file, as long as this lives. A task's event takes the uprobe
  // out when it ends, of the task that it was made for; since the kernel swaps equal sets of events between
  // tasks, the first of two processes that run at once ended the hits of the other (seen on Linux 6.12:
  // uprobe_perf_close()).
  Status hold();

  EventCounter(std::string name, std::uint64_t id) : name_(std::move(name)), id_(id) {}

  std::string name_;
  std::uint64_t id_;
  UniqueFd held_;
  std::vector<UniqueFd> events_;
};

// Core cycles and retired instructions of the calling thread, in user space and in the kernel.

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
