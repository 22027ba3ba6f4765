// SPDX-License-Identifier: MIT
// The test-run driver: a BPF program that calls a kernel function in a loop and times it, run by
// BPF_PROG_TEST_RUN. It needs neither the helper module nor anything to be attached.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "call/caller_team.h"
#include "call/user_loop.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/environment.h"
#include "model/sample.h"
#include "model/site.h"

struct bpf_insn;
struct driver;

namespace probebench::call {

class TestRunDriver {
 public:
  static kernel::RigLimits limits(std::uint64_t tsc_khz, ClockKind clock);
  // `site` is one of the kernel's own functions; a kernel that does not have it is an unsupported error.
  static Result<TestRunDriver> load(SiteId site, ClockKind clock = ClockKind::tsc);

  // Loads the program that makes so many calls, so that loop() need not.
  Status prepare(std::uint32_t calls, bool cold);
  void unload() { programs_.clear(); }
  // In nanoseconds of the kernel's clock; in ticks of the TSC where that counts instructions. Hits are the
  // caller's to fill in.
  Result<TimedLoop> loop(std::uint32_t calls, bool cold, bool marked = false);

 private:
  struct Deleter {
    void operator()(driver* skeleton) const;
  };
  // How often a program calls is part of it: one is loaded for each number asked for.
  struct Loop {
    std::uint32_t calls = 0;
    std::uint32_t warmup_calls = 0;
    auto operator<=>(const Loop&) const = default;
  };

  TestRunDriver(SiteId site, ClockKind clock) : site_(site), clock_(clock) {}
  Status open();
  const char* name() const;
  Result<std::vector<bpf_insn>> code_with(int constants) const;
  // The loaded program that makes so many calls, told whether to make twice as many.
  Result<int> program_for(const Loop& loop);
  Result<UniqueFd> copy_for(const Loop& loop) const;
  // What makes so many calls, the timed one last.
  std::vector<Loop> loops(std::uint32_t calls, bool cold) const;
  Result<TimedLoop> run(const Loop& loop, bool marked);

  SiteId site_;
  ClockKind clock_;
  std::unique_ptr<driver, Deleter> skeleton_;
  std::map<Loop, UniqueFd> programs_;  // copies of the skeleton's, which share its variables
};

// The test-run driver on one or more threads at once.
class TestRunTeam {
 public:
  // A kernel without the site's function is an unsupported error, as is a target with too few CPUs.
  static Result<TestRunTeam> load(const Cell& cell, ClockKind clock, std::uint64_t tsc_khz);

  // Ticks are of the TSC, or the kernel's nanoseconds in its units. Hits are the caller's to fill in.
  Result<Window> window(std::uint32_t calls, bool cold, bool marked);
  // The next window's programs are loaded once more.
  void reload_code();

 private:
  TestRunTeam(ClockKind clock, std::uint64_t tsc_khz) : clock_(clock), tsc_khz_(tsc_khz) {}

  ClockKind clock_;
  std::uint64_t tsc_khz_;
  std::unique_ptr<CallerTeam> team_;
  std::vector<TestRunDriver> drivers_;  // of each thread
};

}  // namespace probebench::call
