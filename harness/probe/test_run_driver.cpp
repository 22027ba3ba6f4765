// SPDX-License-Identifier: MIT
#include "probe/test_run_driver.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <driver.skel.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <fstream>

#include "probe/bpf_error.h"
#include "probe/kernel_text.h"

namespace probebench {
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
  keep_bpf_warnings();
  std::unique_ptr<driver, SkeletonDeleter> skeleton(driver::open());
  if (!skeleton) return bpf_error("open the test-run driver", errno);
  skeleton->rodata->warmup_calls = warmup_calls;
  skeleton->rodata->timed_calls = calls;
  bpf_program__set_autoload(program_named(*skeleton, program), true);
  if (const int err = driver::load(skeleton.get()); err != 0) {
    return bpf_error(fmt::format("load the test-run driver {}", program), err);
  }
  return skeleton.release();
}

std::uint64_t context_switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<std::uint64_t>(usage.ru_nvcsw + usage.ru_nivcsw);
}

// Interrupts are on in the loop. Sleeping ends just behind a timer tick, so that the next one is a while
// away.
void wait_for_tick() {
  const timespec least{0, 1};
  ::nanosleep(&least, nullptr);
}

}  // namespace

Result<std::uint64_t> kernel_symbol_address(const std::string& symbol) {
  const auto opened = open_with("find_symbol", 0, 0);
  if (!opened) {  // before Linux 5.16 there is only the long way
    std::ifstream listing("/proc/kallsyms");
    const auto address = address_in_kallsyms(listing, symbol);
    if (address != 0) return address;
    return Error{Fault::unsupported, "find " + symbol + " in /proc/kallsyms", ENOENT, {}};
  }
  const std::unique_ptr<driver, SkeletonDeleter> skeleton(*opened);
  symbol.copy(skeleton->bss->symbol, sizeof skeleton->bss->symbol - 1);
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.find_symbol), &options);
  if (err != 0) return bpf_error("look up " + symbol, err);
  if (skeleton->bss->symbol_address != 0) return static_cast<std::uint64_t>(skeleton->bss->symbol_address);
  return Error{Fault::unsupported, "this kernel has no " + symbol, 0, {}};
}

void TestRunDriver::Deleter::operator()(driver* skeleton) const {
  driver::destroy(skeleton);
}

RigLimits TestRunDriver::limits(std::uint64_t tsc_khz) {
  return {kMaxCalls, kMaxWindowNs, kProbationCalls, tsc_khz, kWarmupCalls};
}

// The shortest loop says whether the kernel takes any.
Result<TestRunDriver> TestRunDriver::load(SiteId site, std::uint64_t tsc_khz) {
  TestRunDriver loaded(program_for(site), tsc_khz);
  const auto skeleton = loaded.skeleton_for({1, 0});
  if (!skeleton) return skeleton.error();
  return loaded;
}

Result<driver*> TestRunDriver::skeleton_for(const Loop& loop) {
  auto& skeleton = skeletons_[loop];
  if (!skeleton) {
    const auto opened = open_with(program_, loop.warmup_calls, loop.calls);
    if (!opened) return opened.error();
    skeleton.reset(*opened);
  }
  return skeleton.get();
}

Result<Window> TestRunDriver::window(std::uint32_t calls, bool cold) {
  const auto skeleton = skeleton_for({calls, cold ? 0 : kWarmupCalls});
  if (!skeleton) return skeleton.error();
  wait_for_tick();
  const auto switches = context_switches();
  LIBBPF_OPTS(bpf_test_run_opts, options);
  const int err = bpf_prog_test_run_opts(bpf_program__fd(program_named(**skeleton, program_)), &options);
  if (err != 0) return bpf_error("run the test-run driver", err);
  const auto& shared = *(*skeleton)->bss;
  Window window;
  window.calls = calls;
  window.ticks = (shared.elapsed_ns * tsc_khz_ + 500'000) / 1'000'000;
  window.interrupted = shared.ticked != 0;
  window.cpu = shared.cpu;
  window.context_switches = static_cast<std::uint32_t>(context_switches() - switches);
  return window;
}

}  // namespace probebench
