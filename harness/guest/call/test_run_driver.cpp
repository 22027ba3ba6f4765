// SPDX-License-Identifier: MIT
#include "call/test_run_driver.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <driver.skel.h>
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "kernel/bpf_text.h"
#include "kernel/kernel_types.h"

namespace probebench::call {
namespace {

constexpr std::uint32_t kMaxCalls = 2000;
// The verifier walks through each turn of a loop when it is loaded, which takes a hundred times as long as
// the turn. What is counted is the same for few.
constexpr std::uint32_t kMaxCountedCalls = 200;
constexpr std::uint32_t kMaxWindowNs = 500'000;
constexpr std::uint32_t kProbationCalls = 16;
constexpr std::uint32_t kWarmupCalls = 4;

// The constants of a copy: what the verifier reads of a frozen map it takes for known.
Result<UniqueFd> frozen_map(const bpf_map* original, const void* value) {
  LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG);
  UniqueFd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "driver_rodata", sizeof(std::uint32_t),
                              bpf_map__value_size(original), 1, &options));
  const std::uint32_t key = 0;
  if (!map || bpf_map_update_elem(map.get(), &key, value, BPF_ANY) != 0 || bpf_map_freeze(map.get()) != 0) {
    return kernel::bpf_error("make the constants of the test-run driver", errno);
  }
  return map;
}

// Looked up once, as every program is made with it. Negative: errno.
int modifiable_function() {
  static const int kId = [] {
    const auto types = kernel::kernel_types();
    return types ? btf__find_by_name_kind(*types, "bpf_modify_return_test_tp", BTF_KIND_FUNC)
                 : -types.error().err;
  }();
  return kId;
}

bool loads_map(const bpf_insn& insn, int map) {
  return insn.code == (BPF_LD | BPF_IMM | BPF_DW) && insn.src_reg == BPF_PSEUDO_MAP_VALUE && insn.imm == map;
}

bool calls_helper(const bpf_insn& insn, int helper) {
  return insn.code == (BPF_JMP | BPF_CALL) && insn.src_reg == 0 && insn.imm == helper;
}

// The kernel's clock leaves the system call out, but rounds to whole nanoseconds: where instructions are
// counted that would make them inexact, and what every system call costs is gone from the slope.
template <typename Shared>
void use_kernel_clock(const Shared& shared, TimedLoop& loop) {
  loop.begin = shared.start_ns;
  loop.end = shared.end_ns;
  loop.window.interrupted = shared.ticked != 0;
}

// The window of all threads; the first failure where there is one.
Result<Window> gather(const std::vector<std::optional<Result<TimedLoop>>>& outcomes) {
  std::vector<TimedLoop> loops;
  for (const auto& outcome : outcomes) {
    if (!*outcome) return outcome->error();
    loops.push_back(**outcome);
  }
  return joined(loops);
}

}  // namespace

void TestRunDriver::Deleter::operator()(driver* skeleton) const {
  driver::destroy(skeleton);
}

kernel::RigLimits TestRunDriver::limits(std::uint64_t tsc_khz, ClockKind clock) {
  const auto most = counts_instructions(clock) ? kMaxCountedCalls : kMaxCalls;
  return {most, kMaxWindowNs, kProbationCalls, tsc_khz, kWarmupCalls};
}

// The shortest loop says whether the kernel takes any.
Result<TestRunDriver> TestRunDriver::load(SiteId site, ClockKind clock) {
  TestRunDriver loaded(site, clock);
  TRY(loaded.open());
  TRY(loaded.program_for({1, 0}));
  return loaded;
}

const char* TestRunDriver::name() const {
  return site_ == SiteId::kernel_helper ? "call_helper" : "call_modifiable";
}

Status TestRunDriver::open() {
  kernel::keep_bpf_warnings();
  skeleton_.reset(driver::open());
  if (!skeleton_) return kernel::bpf_error("open the test-run driver", errno);
  skeleton_->rodata->timed_calls = 1;
  bpf_program__set_autoload(bpf_object__find_program_by_name(skeleton_->obj, name()), true);
  if (const int err = driver::load(skeleton_.get()); err != 0) {
    return kernel::bpf_error(fmt::format("load the test-run driver {}", name()), err);
  }
  return Done{};
}

// What libbpf loaded, with other constants, and with the kernel's function where a helper stood for it.
Result<std::vector<bpf_insn>> TestRunDriver::code_with(int constants) const {
  const auto* program = bpf_object__find_program_by_name(skeleton_->obj, name());
  const auto* first = bpf_program__insns(program);
  std::vector<bpf_insn> code(first, first + bpf_program__insn_cnt(program));
  const int original = bpf_map__fd(skeleton_->maps.rodata);
  for (auto& insn : code) {
    if (loads_map(insn, original)) insn.imm = constants;
    if (site_ == SiteId::kernel_helper || !calls_helper(insn, BPF_FUNC_get_numa_node_id)) continue;
    const int function = modifiable_function();
    if (function < 0)
      return kernel::bpf_error("find bpf_modify_return_test_tp in the kernel's BTF", function);
    insn.src_reg = BPF_PSEUDO_KFUNC_CALL;
    insn.imm = function;
  }
  return code;
}

// How often a program calls is one of its constants.
Result<UniqueFd> TestRunDriver::copy_for(const Loop& loop) const {
  auto constants = *skeleton_->rodata;
  constants.warmup_calls = loop.warmup_calls;
  constants.timed_calls = loop.calls;
  const auto map = TRY(frozen_map(skeleton_->maps.rodata, &constants));
  const auto code = TRY(code_with(map.get()));
  UniqueFd program(
      bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, name(), "GPL", code.data(), code.size(), nullptr));
  if (!program) return kernel::bpf_error(fmt::format("load {} for {} calls", name(), loop.calls), errno);
  return program;
}

// Where the clock is time, 2N calls are made by the program of N, at the same place. Where it counts
// instructions the place does not matter, and choosing between N and 2N would be one that only N executes.
Result<int> TestRunDriver::program_for(const Loop& loop) {
  auto found = programs_.end();
  if (!counts_instructions(clock_) && loop.calls % 2 == 0) {
    found = programs_.find({loop.calls / 2, loop.warmup_calls});
  }
  skeleton_->bss->twice = found != programs_.end() ? 1 : 0;
  if (found == programs_.end()) found = programs_.find(loop);
  if (found != programs_.end()) return found->second.get();
  auto copy = TRY(copy_for(loop));
  return programs_.emplace(loop, std::move(copy)).first->second.get();
}

// The TSC is read outside the program, so warm-up calls are a run of their own where it is the clock.
std::vector<TestRunDriver::Loop> TestRunDriver::loops(std::uint32_t calls, bool cold) const {
  if (cold) return {{calls, 0}};
  if (!counts_instructions(clock_)) return {{calls, kWarmupCalls}};
  return {{kWarmupCalls, 0}, {calls, 0}};
}

Status TestRunDriver::prepare(std::uint32_t calls, bool cold) {
  for (const auto& loop : loops(calls, cold)) {
    TRY(program_for(loop));
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
  const auto program = TRY(program_for(loop));
  LIBBPF_OPTS(bpf_test_run_opts, options);
  int err = 0;
  auto timed = time_once([&] { err = bpf_prog_test_run_opts(program, &options); }, marked);
  if (err != 0) return kernel::bpf_error("run the test-run driver", err);
  timed.window.calls = loop.calls;
  timed.window.cpu = skeleton_->bss->cpu;
  if (!counts_instructions(clock_)) use_kernel_clock(*skeleton_->bss, timed);
  return timed;
}

Result<TestRunTeam> TestRunTeam::load(const Cell& cell, ClockKind clock, std::uint64_t tsc_khz) {
  TestRunTeam loaded(clock, tsc_khz);
  loaded.team_ = TRY(CallerTeam::make(cell.threads));
  while (loaded.drivers_.size() < cell.threads) {
    auto driver = TRY(TestRunDriver::load(cell.site, clock));
    loaded.drivers_.push_back(std::move(driver));
  }
  return loaded;
}

Result<Window> TestRunTeam::window(std::uint32_t calls, bool cold, bool marked) {
  for (auto& driver : drivers_) {
    TRY(driver.prepare(calls, cold));
  }
  std::vector<std::optional<Result<TimedLoop>>> outcomes(drivers_.size());
  // Interrupts are on in the loop: begun just behind a timer tick, the next one is a while away.
  yield_until_tick();
  const auto counted = team_->run_counted(
      [&](std::size_t index) { outcomes[index] = drivers_[index].loop(calls, cold, marked); });
  auto window = gather(outcomes);
  if (!window) return window;
  kernel::put_counts(counted, *window);
  if (counts_instructions(clock_)) return window;
  window->ticks = (window->ticks * tsc_khz_ + 500'000) / 1'000'000;
  return window;
}

void TestRunTeam::reload_code() {
  for (auto& driver : drivers_) driver.unload();
}

}  // namespace probebench::call
