// SPDX-License-Identifier: MIT
// Where a probe type is measured: driver and site, what the kernel must be set to, and what must be observed.
#pragma once

#include <array>
#include <optional>

#include "model/arch.h"
#include "model/probe_state.h"
#include "model/probe_type.h"
#include "model/site.h"

namespace probebench::inline model {

// What debug.kprobes-optimization must say while the probe is attached.
enum class Optimization { any, off, on };

// When the probe is registered: once per cell, or anew before each window (the detour state lasts only from
// registration to the optimizer's next pass).
enum class Arming { once, each_window };

struct Placement {
  ProbeType probe_type;
  DriverId driver;
  SiteId site;
  Optimization optimization;
  Arming arming;
  StateSet expected;                                // any other observed state makes the cell invalid
  std::optional<Capability> needs = std::nullopt;   // beside what probe type and driver need
  std::optional<StateSet> on_arm64 = std::nullopt;  // where that is another state
  std::optional<ArchId> only = std::nullopt;        // the one architecture that has the row

  constexpr const StateSet& expected_on(ArchId arch) const {
    return arch == ArchId::arm64 && on_arm64 ? *on_arm64 : expected;
  }
  // What the kernel calls so exists where it can optimize.
  constexpr Optimization optimization_on(ArchId arch) const {
    return arch == ArchId::arm64 && on_arm64 ? Optimization::any : optimization;
  }
};

// A probe that stays attached, hit by the helper module's loop.
constexpr Placement in_module(ProbeType probe_type, SiteId site, Optimization optimization, StateSet expected,
                              std::optional<Capability> needs = std::nullopt) {
  return {probe_type, DriverId::module, site, optimization, Arming::once, expected, needs};
}

constexpr Placement on_arm64(Placement placement, StateSet expected) {
  placement.on_arm64 = expected;
  return placement;
}

// Where a kprobe at a function's entry is a trap like any other.
constexpr Placement only_on_arm64(Placement placement) {
  placement.only = ArchId::arm64;
  return placement;
}

// There at a function's entry, which ftrace patches.
constexpr Placement at_entry(ProbeType probe_type, std::optional<Capability> needs = std::nullopt) {
  return in_module(probe_type, SiteId::entry, Optimization::any, {ProbeState::ftrace}, needs);
}

// A kprobe there: arm64 has no kprobes on ftrace.
constexpr Placement kprobe_at_entry(ProbeType probe_type) {
  return on_arm64(at_entry(probe_type), {ProbeState::stepped});
}

// A uprobe in the agent itself. A nop of five or ten bytes becomes a call where the kernel can do that; the
// row says which it was.
constexpr Placement user_placement(ProbeType probe_type, SiteId site) {
  const bool has_room = site == SiteId::user_nop5 || site == SiteId::user_nop10;
  const auto expected =
      has_room ? StateSet{ProbeState::user_int3, ProbeState::user_call} : StateSet{ProbeState::user_int3};
  return on_arm64({probe_type, DriverId::user, site, Optimization::any, Arming::once, expected},
                  {ProbeState::user_brk});
}

// In the order of kProbeTypes; a type may have several, with different sites or drivers.
inline constexpr std::array kPlacements{
    in_module(ProbeType::kprobe_stepped, SiteId::mid_step, Optimization::off, {ProbeState::stepped}),
    only_on_arm64(
        in_module(ProbeType::kprobe_stepped, SiteId::entry, Optimization::any, {ProbeState::stepped})),
    in_module(ProbeType::kprobe_boosted, SiteId::mid, Optimization::off, {ProbeState::boosted}),
    // The same site as kprobe_optimized; which of the two it becomes is the kernel's configuration.
    in_module(ProbeType::kprobe_unoptimized, SiteId::mid, Optimization::off,
              {ProbeState::stepped, ProbeState::boosted}),
    in_module(ProbeType::kprobe_emulated, SiteId::mid_emulated, Optimization::off, {ProbeState::emulated}),
    Placement{ProbeType::kprobe_detour, DriverId::module, SiteId::mid, Optimization::on, Arming::each_window,
              StateSet{ProbeState::detour}},
    in_module(ProbeType::kprobe_optimized, SiteId::mid, Optimization::on, {ProbeState::optimized}),
    at_entry(ProbeType::kprobe_ftrace),
    in_module(ProbeType::kprobe_post, SiteId::mid, Optimization::any, {ProbeState::stepped}),
    in_module(ProbeType::kretprobe_int3, SiteId::notrace, Optimization::off,
              {ProbeState::stepped, ProbeState::boosted}),
    in_module(ProbeType::kretprobe_optimized, SiteId::notrace, Optimization::on, {ProbeState::optimized}),
    at_entry(ProbeType::kretprobe_ftrace),
    at_entry(ProbeType::fprobe_entry),
    at_entry(ProbeType::fprobe_exit),
    at_entry(ProbeType::ftrace),
    at_entry(ProbeType::ftrace_regs),
    in_module(ProbeType::tracepoint, SiteId::tracepoint, Optimization::any, {ProbeState::static_key}),
    kprobe_at_entry(ProbeType::bpf_kprobe),
    in_module(ProbeType::bpf_kprobe, SiteId::mid, Optimization::on, {ProbeState::optimized}),
    in_module(ProbeType::bpf_kprobe, SiteId::mid_step, Optimization::off, {ProbeState::stepped}),
    kprobe_at_entry(ProbeType::bpf_kretprobe),
    at_entry(ProbeType::bpf_kprobe_multi),
    at_entry(ProbeType::bpf_kretprobe_multi),
    at_entry(ProbeType::bpf_kprobe_session),
    in_module(ProbeType::fentry, SiteId::entry, Optimization::any, {ProbeState::ftrace},
              Capability::module_btf),
    Placement{ProbeType::fentry, DriverId::test_run, SiteId::kernel_helper, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace}},
    in_module(ProbeType::fexit, SiteId::entry, Optimization::any,
              {ProbeState::ftrace, ProbeState::ftrace_jump}, Capability::module_btf),
    Placement{ProbeType::fexit, DriverId::test_run, SiteId::kernel_helper, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace, ProbeState::ftrace_jump}},
    Placement{ProbeType::fmod_ret, DriverId::test_run, SiteId::kernel_modifiable, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace, ProbeState::ftrace_jump}},
    in_module(ProbeType::bpf_tp, SiteId::tracepoint, Optimization::any, {ProbeState::static_key}),
    in_module(ProbeType::raw_tp, SiteId::tracepoint, Optimization::any, {ProbeState::static_key}),
    in_module(ProbeType::tp_btf, SiteId::tracepoint, Optimization::any, {ProbeState::static_key},
              Capability::module_btf),
    Placement{ProbeType::bpf_tp, DriverId::syscall, SiteId::syscall_getpgid, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}},
    Placement{ProbeType::raw_tp, DriverId::test_run, SiteId::kernel_trigger, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}, Capability::bpf_trigger},
    Placement{ProbeType::tp_btf, DriverId::test_run, SiteId::kernel_trigger, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}, Capability::bpf_trigger},
    kprobe_at_entry(ProbeType::tracefs_kprobe),
    in_module(ProbeType::tracefs_kprobe, SiteId::mid, Optimization::on, {ProbeState::optimized}),
    in_module(ProbeType::tracefs_kprobe, SiteId::mid_step, Optimization::off, {ProbeState::stepped}),
    kprobe_at_entry(ProbeType::tracefs_kretprobe),
    at_entry(ProbeType::tracefs_fprobe),
    at_entry(ProbeType::tracefs_function),
    at_entry(ProbeType::tracefs_function_graph),
    in_module(ProbeType::tracefs_tracepoint, SiteId::tracepoint, Optimization::any, {ProbeState::static_key}),
    kprobe_at_entry(ProbeType::perf_kprobe),
    in_module(ProbeType::perf_kprobe, SiteId::mid, Optimization::on, {ProbeState::optimized}),
    in_module(ProbeType::perf_kprobe, SiteId::mid_step, Optimization::off, {ProbeState::stepped}),
    kprobe_at_entry(ProbeType::perf_kretprobe),
    in_module(ProbeType::perf_breakpoint, SiteId::mid, Optimization::any, {ProbeState::breakpoint}),
    user_placement(ProbeType::perf_uprobe, SiteId::user_nop),
    user_placement(ProbeType::perf_uprobe, SiteId::user_push),
    user_placement(ProbeType::perf_uprobe, SiteId::user_ret),
    user_placement(ProbeType::perf_uprobe, SiteId::user_nop5),
    user_placement(ProbeType::perf_uretprobe, SiteId::user_nop),
    user_placement(ProbeType::perf_uretprobe, SiteId::user_nop5),
    user_placement(ProbeType::uprobe, SiteId::user_nop),
    user_placement(ProbeType::uprobe, SiteId::user_push),
    user_placement(ProbeType::uprobe, SiteId::user_ret),
    user_placement(ProbeType::uprobe, SiteId::user_nop5),
    user_placement(ProbeType::uprobe, SiteId::user_nop10),
    user_placement(ProbeType::uretprobe, SiteId::user_nop),
    user_placement(ProbeType::uretprobe, SiteId::user_nop5),
    user_placement(ProbeType::uretprobe, SiteId::user_nop10),
    user_placement(ProbeType::uprobe_multi, SiteId::user_nop),
    user_placement(ProbeType::uprobe_multi, SiteId::user_nop5),
    user_placement(ProbeType::usdt, SiteId::user_marker),
    user_placement(ProbeType::usdt, SiteId::user_nop10),
    user_placement(ProbeType::tracefs_uprobe, SiteId::user_nop),
    user_placement(ProbeType::tracefs_uprobe, SiteId::user_nop5),
    user_placement(ProbeType::tracefs_uretprobe, SiteId::user_nop),
    at_entry(ProbeType::fprobe_entry_all, Capability::bpf_kprobe_multi),
    at_entry(ProbeType::fprobe_exit_all, Capability::bpf_kprobe_multi),
    at_entry(ProbeType::bpf_kprobe_multi_all),
    at_entry(ProbeType::bpf_kretprobe_multi_all),
};

// The placement with these three; nullptr: there is none.
constexpr const Placement* find_placement(ProbeType probe_type, DriverId driver, SiteId site) {
  for (const auto& placement : kPlacements) {
    if (placement.probe_type == probe_type && placement.driver == driver && placement.site == site) {
      return &placement;
    }
  }
  return nullptr;
}

}  // namespace probebench::inline model
