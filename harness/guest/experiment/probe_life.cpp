// SPDX-License-Identifier: MIT
#include "experiment/probe_life.h"

#include <fmt/format.h>
#include <sys/sysinfo.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/stop.h"
#include "kernel/control.h"
#include "verify/classify.h"

namespace probebench::experiment {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kJumpDeadline{10};
constexpr std::chrono::milliseconds kNoPause{0};
// With fewer, what the kernel keeps for itself is more than the probes are.
constexpr std::uint32_t kFewestForMemory = 1000;
// What is freed comes back after grace periods and the collection of unused slots.
constexpr std::chrono::seconds kFreeing{1};

std::uint64_t free_bytes() {
  std::this_thread::sleep_for(kFreeing);
  struct sysinfo info {};
  return ::sysinfo(&info) == 0 ? std::uint64_t{info.freeram} * info.mem_unit : 0;
}

Error not_prepared() {
  return {Fault::unsupported, "this kernel does not prepare the sites for optimization", 0,
          "active return thunks (mitigations) forbid it before Linux 6.2"};
}

}  // namespace

Result<ProbeLife> ProbeLife::begin(const SurfaceSetting& setting, const ExperimentContext& context) {
  auto optimization = TRY(kernel::set_optimization(setting.jump ? Optimization::on : Optimization::off));
  auto addresses = TRY(call::Field(*context.control).sites(operation_of(setting).layout, setting.probes));
  auto set = TRY(attach::ProbeSet::define(*context.control, {.addresses = std::move(addresses)}));
  ProbeLife life(setting, context, std::move(optimization), std::move(set));
  TRY(life.arm());
  return life;
}

Status ProbeLife::arm() {
  TRY(set_.arm());
  if (setting_.jump) {
    TRY(wait_for_jumps());
  }
  return look();
}

// Calls go on meanwhile: what they hit until the last site is a jump, they hit at the price of an int3.
Status ProbeLife::wait_for_jumps() {
  const auto begin = steady_clock::now();
  const auto probes = TRY(set_.probes());
  if (!probes.front().prepared) return not_prepared();
  const call::Field field(*context_.control);
  std::uint64_t hits = 0;
  std::uint32_t jumps = 0;
  const auto all = poll_until(kJumpDeadline, kNoPause, [&]() -> Result<bool> {
    const auto totals = TRY(set_.totals());
    jumps = totals.jumps;
    if (jumps == setting_.probes) return true;
    const auto time = TRY(field.run(operation_of(setting_), ops_of(setting_)));
    hits += time.hits;
    return false;
  });
  if (!all) return all.error();
  if (!*all) {
    return Error{
        Fault::cell, fmt::format("wait for {} jumps: {} are", setting_.probes, jumps), ETIMEDOUT, {}};
  }
  const std::chrono::duration<double, std::milli> waited = steady_clock::now() - begin;
  add("optimize", waited.count(), "ms", "from arming until the last site was a jump, while calls go on");
  add("hits-until-optimized", static_cast<double>(hits), "hits", "of calls without a pause");
  return Done{};
}

Status ProbeLife::look() {
  const auto totals = TRY(set_.totals());
  const auto probes = TRY(set_.probes());
  const auto evidence = TRY(set_.look(0, probes.front()));
  state_ = verify::classify(evidence);
  const auto alike = setting_.jump ? totals.jumps : totals.patched - totals.jumps;
  if (alike == setting_.probes) return Done{};
  const auto* what = setting_.jump ? "jumps" : "breakpoints";
  return Error{Fault::cell, fmt::format("{} of {} sites are {}", alike, setting_.probes, what), 0, {}};
}

Result<std::vector<ControlStep>> ProbeLife::end() {
  const auto free_armed = setting_.probes < kFewestForMemory ? 0 : free_bytes();
  TRY(set_.disarm());
  TRY(set_.clear());
  add_memory(free_armed);
  const auto ticks = TRY(kernel::last_set_ticks(*context_.control));
  add("register", static_cast<double>(ticks.add), "clock");
  add("arm", static_cast<double>(ticks.arm), "clock");
  add("disarm", static_cast<double>(ticks.disarm), "clock");
  add("unregister", static_cast<double>(ticks.remove), "clock", "with the kernel's grace periods");
  return std::move(steps_);
}

void ProbeLife::add(std::string_view step, double value, std::string_view unit, std::string_view note) {
  steps_.push_back({.probe_type = setting_.jump ? "kprobe-optimized" : "kprobe-unoptimized",
                    .probes = setting_.probes,
                    .step = std::string(step),
                    .value = value,
                    .unit = std::string(unit),
                    .note = std::string(note)});
}

void ProbeLife::add_memory(std::uint64_t free_armed) {
  if (free_armed == 0) return;
  const auto free_now = free_bytes();
  if (free_now < free_armed) return;
  add("memory", static_cast<double>(free_now - free_armed) / setting_.probes, "bytes",
      "of each probe: what unregistering set free, with what the helper module kept of it");
}

}  // namespace probebench::experiment
