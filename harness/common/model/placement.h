// SPDX-License-Identifier: MIT
// Where a probe type is measured: driver and site, what the kernel must be set to, and what must be observed.
#pragma once

#include <array>
#include <optional>

#include "model/driver.h"
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
  StateSet expected;                               // any other observed state makes the cell invalid
  std::optional<Capability> needs = std::nullopt;  // beside what probe type and driver need
};

// A uprobe in the agent itself. A five-byte nop becomes a call where the kernel can do that; the row says
// which it was.
constexpr Placement user_placement(ProbeType probe_type, SiteId site) {
  const auto expected = site == SiteId::user_nop5 ? StateSet{ProbeState::user_int3, ProbeState::user_call}
                                                  : StateSet{ProbeState::user_int3};
  return {probe_type, DriverId::user, site, Optimization::any, Arming::once, expected};
}

// In the order of kProbeTypes; a type may have several, with different sites or drivers.
inline constexpr std::array kPlacements{
    Placement{ProbeType::kprobe_stepped, DriverId::module, SiteId::mid_step, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped}},
    Placement{ProbeType::kprobe_boosted, DriverId::module, SiteId::mid, Optimization::off, Arming::once,
              StateSet{ProbeState::boosted}},
    // The same site as kprobe_optimized; which of the two it becomes is the kernel's configuration.
    Placement{ProbeType::kprobe_unoptimized, DriverId::module, SiteId::mid, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped, ProbeState::boosted}},
    Placement{ProbeType::kprobe_emulated, DriverId::module, SiteId::mid_emulated, Optimization::off,
              Arming::once, StateSet{ProbeState::emulated}},
    Placement{ProbeType::kprobe_detour, DriverId::module, SiteId::mid, Optimization::on, Arming::each_window,
              StateSet{ProbeState::detour}},
    Placement{ProbeType::kprobe_optimized, DriverId::module, SiteId::mid, Optimization::on, Arming::once,
              StateSet{ProbeState::optimized}},
    Placement{ProbeType::kprobe_ftrace, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::kprobe_post, DriverId::module, SiteId::mid, Optimization::any, Arming::once,
              StateSet{ProbeState::stepped}},
    Placement{ProbeType::kretprobe_int3, DriverId::module, SiteId::notrace, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped, ProbeState::boosted}},
    Placement{ProbeType::kretprobe_optimized, DriverId::module, SiteId::notrace, Optimization::on,
              Arming::once, StateSet{ProbeState::optimized}},
    Placement{ProbeType::kretprobe_ftrace, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::fprobe_entry, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::fprobe_exit, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::ftrace, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::ftrace_regs, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracepoint, DriverId::module, SiteId::tracepoint, Optimization::any, Arming::once,
              StateSet{ProbeState::static_key}},
    Placement{ProbeType::bpf_kprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::bpf_kprobe, DriverId::module, SiteId::mid, Optimization::on, Arming::once,
              StateSet{ProbeState::optimized}},
    Placement{ProbeType::bpf_kprobe, DriverId::module, SiteId::mid_step, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped}},
    Placement{ProbeType::bpf_kretprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::bpf_kprobe_multi, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::bpf_kretprobe_multi, DriverId::module, SiteId::entry, Optimization::any,
              Arming::once, StateSet{ProbeState::ftrace}},
    Placement{ProbeType::bpf_kprobe_session, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::fentry, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}, Capability::module_btf},
    Placement{ProbeType::fentry, DriverId::test_run, SiteId::kernel_helper, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace}},
    Placement{ProbeType::fexit, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace, ProbeState::ftrace_jump}, Capability::module_btf},
    Placement{ProbeType::fexit, DriverId::test_run, SiteId::kernel_helper, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace, ProbeState::ftrace_jump}},
    Placement{ProbeType::fmod_ret, DriverId::test_run, SiteId::kernel_modifiable, Optimization::any,
              Arming::each_window, StateSet{ProbeState::ftrace, ProbeState::ftrace_jump}},
    Placement{ProbeType::bpf_tp, DriverId::module, SiteId::tracepoint, Optimization::any, Arming::once,
              StateSet{ProbeState::static_key}},
    Placement{ProbeType::raw_tp, DriverId::module, SiteId::tracepoint, Optimization::any, Arming::once,
              StateSet{ProbeState::static_key}},
    Placement{ProbeType::tp_btf, DriverId::module, SiteId::tracepoint, Optimization::any, Arming::once,
              StateSet{ProbeState::static_key}, Capability::module_btf},
    Placement{ProbeType::bpf_tp, DriverId::syscall, SiteId::syscall_getpgid, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}},
    Placement{ProbeType::raw_tp, DriverId::test_run, SiteId::kernel_trigger, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}, Capability::bpf_trigger},
    Placement{ProbeType::tp_btf, DriverId::test_run, SiteId::kernel_trigger, Optimization::any,
              Arming::each_window, StateSet{ProbeState::static_key}, Capability::bpf_trigger},
    Placement{ProbeType::tracefs_kprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracefs_kprobe, DriverId::module, SiteId::mid, Optimization::on, Arming::once,
              StateSet{ProbeState::optimized}},
    Placement{ProbeType::tracefs_kprobe, DriverId::module, SiteId::mid_step, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped}},
    Placement{ProbeType::tracefs_kretprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracefs_fprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracefs_function, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracefs_function_graph, DriverId::module, SiteId::entry, Optimization::any,
              Arming::once, StateSet{ProbeState::ftrace}},
    Placement{ProbeType::tracefs_tracepoint, DriverId::module, SiteId::tracepoint, Optimization::any,
              Arming::once, StateSet{ProbeState::static_key}},
    Placement{ProbeType::perf_kprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::perf_kprobe, DriverId::module, SiteId::mid, Optimization::on, Arming::once,
              StateSet{ProbeState::optimized}},
    Placement{ProbeType::perf_kprobe, DriverId::module, SiteId::mid_step, Optimization::off, Arming::once,
              StateSet{ProbeState::stepped}},
    Placement{ProbeType::perf_kretprobe, DriverId::module, SiteId::entry, Optimization::any, Arming::once,
              StateSet{ProbeState::ftrace}},
    Placement{ProbeType::perf_breakpoint, DriverId::module, SiteId::mid, Optimization::any, Arming::once,
              StateSet{ProbeState::breakpoint}},
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
    user_placement(ProbeType::uretprobe, SiteId::user_nop),
    user_placement(ProbeType::uretprobe, SiteId::user_nop5),
    user_placement(ProbeType::uprobe_multi, SiteId::user_nop),
    user_placement(ProbeType::uprobe_multi, SiteId::user_nop5),
    user_placement(ProbeType::usdt, SiteId::user_marker),
    user_placement(ProbeType::tracefs_uprobe, SiteId::user_nop),
    user_placement(ProbeType::tracefs_uprobe, SiteId::user_nop5),
    user_placement(ProbeType::tracefs_uretprobe, SiteId::user_nop),
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
