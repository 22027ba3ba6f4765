// SPDX-License-Identifier: MIT
#include "call/test_run_driver.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <driver.skel.h>
#include <fmt/format.h>

#include <fstream>

#include "kernel/bpf_error.h"
#include "kernel/kernel_text.h"

namespace probebench::call {
namespace {

constexpr std::uint32_t kMaxCalls = 2000;
constexpr std::uint32_t kMaxWindowNs = 500'000;
constexpr std::uint32_t kProbationCalls = 16;
constexpr std::uint32_t kWarmupCalls = 4;

struct SkeletonDeleter {
  void operator()(driver* skeleton) const { driver::destroy(skeleton); }
};

const char* program_for(SiteId site) {
  return site == SiteId::kernel_helper ? "call_helper" : "call_modifiable";
}

bpf_program* program_named(driver& skeleton, const char* name) {
  return bpf_object__find_program_by_name(skeleton.obj, name);
}

Result<driver*> open_with(const char* program, std::uint32_t warmup_calls, std::uint32_t calls) {
  kernel::keep_bpf_warnings();
  std::unique_ptr<driver, SkeletonDeleter> skeleton(driver::open());
  if (!skeleton) return kernel::bpf_error("open the test-run driver", errno);
  skeleton->rodata->warmup_calls = warmup_calls;
  skeleton->rodata->timed_calls = calls;
  bpf_program__set_autoload(program_named(*skeleton, program), true);
  if (const int err = driver::load(skeleton.get()); err != 0) {
    return kernel::bpf_error(fmt::format("load the test-run driver {}", program), err);
  }
  return skeleton.release();
}

// The kernel's clock leaves the system call out, but rounds to whole nanoseconds: where instructions are
// counted that would make them inexact, and what every system call costs is gone from the slope.
template <typename Shared>
void use_kernel_clock(const Shared& shared, TimedLoop& loop) {
  loop.begin = shared.start_ns;
  loop.end = shared.end_ns;
  loop.window.interrupted = shared.ticked != 0;
}

driver* with_twice(driver& skeleton, bool twice) {
  skeleton.bss->twice = twice ? 1 : 0;
  return &skeleton;
}

}  // namespace

Result<std::uint64_t> kernel_symbol_address(const std::string& symbol) {
  const auto opened = open_with("find_symbol", 0, 0);
  if (!opened) {  // before Linux 5.16 there is only the long way
    std::ifstream listing("/proc/kallsyms");
    const auto address = kernel::address_in_kallsyms(listing, symbol);
    if (address != 0) return address;
    return Error{Fault::unsupported, "find " + symbol + " in /proc/kallsyms", ENOENT, {}};
  }
  const std::unique_ptr<driver, SkeletonDeleter> skeleton(*opened);
  symbol.copy(skeleton->bss->symbol, sizeof skeleton->bss->symbol - 1);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_symbol), &options);
  if (err != 0) return kernel::bpf_error("look up " + symbol, err);
  if (skeleton->bss->symbol_address != 0) return static_cast<std::uint64_t>(skeleton->bss->symbol_address);
  return Error{Fault::unsupported, "this kernel has no " + symbol, 0, {}};
}

void TestRunDriver::Deleter::operator()(driver* skeleton) const {
  driver::destroy(skeleton);
}

kernel::RigLimits TestRunDriver::limits(std::uint64_t tsc_khz) {
  return {kMaxCalls, kMaxWindowNs, kProbationCalls, tsc_khz, kWarmupCalls};
}

// The shortest loop says whether the kernel takes any.
Result<TestRunDriver> TestRunDriver::load(SiteId site, ClockKind clock) {
  TestRunDriver loaded(program_for(site), clock);
  const auto skeleton = loaded.skeleton_for({1, 0});
  if (!skeleton) return skeleton.error();
  return loaded;
}

// Where the clock is time, 2N calls are made by the program of N, at the same place. Where it counts
// instructions the place does not matter, and choosing between N and 2N would be one that only N executes.
Result<driver*> TestRunDriver::skeleton_for(const Loop& loop) {
  if (!counts_instructions(clock_) && loop.calls % 2 == 0) {
    const auto half = skeletons_.find({loop.calls / 2, loop.warmup_calls});
    if (half != skeletons_.end()) return with_twice(*half->second, true);
  }
  auto found = skeletons_.find(loop);
  if (found == skeletons_.end()) {
    const auto opened = open_with(program_, loop.warmup_calls, loop.calls);
    if (!opened) return opened.error();
    found = skeletons_.emplace(loop, Skeleton(*opened)).first;
  }
  return with_twice(*found->second, false);
}

// The TSC is read outside the program, so warm-up calls are a run of their own where it is the clock.
std::vector<TestRunDriver::Loop> TestRunDriver::loops(std::uint32_t calls, bool cold) const {
  if (cold) return {{calls, 0}};
  if (!counts_instructions(clock_)) return {{calls, kWarmupCalls}};
  return {{kWarmupCalls, 0}, {calls, 0}};
}

Status TestRunDriver::prepare(std::uint32_t calls, bool cold) {
  for (const auto& loop : loops(calls, cold)) {
    if (const auto skeleton = skeleton_for(loop); !skeleton) return skeleton.error();
  }
  return Done{};
}

// A BPF program cannot hold the markers: they are around the system call that runs it.
Result<TimedLoop> TestRunDriver::loop(std::uint32_t calls, bool cold, bool marked) {
  TimedLoop timed;
  const auto all = loops(calls, cold);
  for (const auto& loop : all) {
    auto ran = run(loop, marked && &loop == &all.back());
    if (!ran) return ran;
    timed = *ran;
  }
  return timed;
}

Result<TimedLoop> TestRunDriver::run(const Loop& loop, bool marked) {
  const auto skeleton = skeleton_for(loop);
  if (!skeleton) return skeleton.error();
  const int program = bpf_program__fd(program_named(**skeleton, program_));
  LIBBPF_OPTS(bpf_test_run_opts, options);
  int err = 0;
  auto timed = time_once([&] { err = bpf_prog_test_run_opts(program, &options); }, marked);
  if (err != 0) return kernel::bpf_error("run the test-run driver", err);
  timed.window.calls = loop.calls;
  timed.window.cpu = (*skeleton)->bss->cpu;
  if (!counts_instructions(clock_)) use_kernel_clock(*(*skeleton)->bss, timed);
  return timed;
}

}  // namespace probebench::call
