// SPDX-License-Identifier: MIT
// Where a probe sits, and who makes the calls to it.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "model/arch.h"
#include "model/capability.h"

namespace probebench::inline model {

// Who makes the calls to the probe site.

enum class DriverId { module, user, syscall, test_run };

struct DriverInfo {
  DriverId id;
  std::string_view name;  // in cell names
  std::string_view summary;
  std::optional<Capability> needs;  // beside what the probe type needs
};

inline constexpr std::array kDrivers{
    DriverInfo{DriverId::module, "module", "the helper module's loop, interrupts off",
               Capability::helper_module},
    DriverInfo{DriverId::user, "user", "a process calls its own functions", std::nullopt},
    DriverInfo{DriverId::syscall, "syscall", "a process makes a system call", std::nullopt},
    DriverInfo{DriverId::test_run, "test-run", "a BPF program calls a kernel function in a loop",
               Capability::bpf_test_run},
};

constexpr const DriverInfo& info_of(DriverId id) {
  return kDrivers[static_cast<size_t>(id)];
}

// Probe sites; each has an unprobed twin. Values of the helper module's are those of enum pb_site.

enum class SiteId {
  entry,
  mid,
  mid_step,
  mid_emulated,
  notrace,
  tracepoint,
  // In the agent, named by their first instruction.
  user_nop,
  user_push,
  user_ret,
  user_nop5,
  user_nop10,
  user_marker,
  // The kernel's own.
  kernel_helper,
  kernel_modifiable,
  // Tracepoints of the kernel's own, named by what passes them; the symbol is the function they lie in.
  kernel_trigger,
  syscall_getpgid,
};

struct SiteInfo {
  SiteId id;
  std::string_view name;    // in cell names
  std::string_view symbol;  // function in the module or the agent
  std::string_view summary;
};

inline constexpr std::array kSites{
    SiteInfo{SiteId::entry, "entry", "pb_site_entry", "function entry with an ftrace location"},
    SiteInfo{SiteId::mid, "mid", "pb_site_mid", "mid-body, boostable and optimizable"},
    SiteInfo{SiteId::mid_step, "mid-step", "pb_site_mid_step", "mid-body, must be single-stepped"},
    SiteInfo{SiteId::mid_emulated, "mid-emulated", "pb_site_mid_emulated", "mid-body, a jump"},
    SiteInfo{SiteId::notrace, "notrace", "pb_site_notrace", "entry of a notrace function"},
    SiteInfo{SiteId::tracepoint, "tracepoint", "pb_site_tracepoint", "static tracepoint"},
    SiteInfo{SiteId::user_nop, "nop", "pb_user_nop", "user function that begins with a one-byte nop"},
    SiteInfo{SiteId::user_push, "push", "pb_user_push", "user function that begins with push"},
    SiteInfo{SiteId::user_ret, "ret", "pb_user_ret", "user function that is a ret: single-stepped"},
    SiteInfo{SiteId::user_nop5, "nop5", "pb_user_nop5", "user function that begins with a five-byte nop"},
    SiteInfo{SiteId::user_nop10, "nop10", "pb_user_nop10",
             "user function that begins with a ten-byte nop, a USDT marker"},
    SiteInfo{SiteId::user_marker, "marker", "pb_user_marker", "USDT marker: a one-byte nop and a note"},
    SiteInfo{SiteId::kernel_helper, "helper", "bpf_get_numa_node_id",
             "entry of a BPF helper that does little"},
    SiteInfo{SiteId::kernel_modifiable, "modifiable", "bpf_modify_return_test_tp",
             "entry of a kernel function made for fmod_ret"},
    SiteInfo{SiteId::kernel_trigger, "trigger", "bpf_modify_return_test_tp",
             "tracepoint that only BPF test programs pass"},
    SiteInfo{SiteId::syscall_getpgid, "getpgid", "syscall_trace_enter", "entry of the system call getpgid"},
};

// Why an architecture has no such site; empty: it has.
constexpr std::string_view site_lack(ArchId arch, SiteId id) {
  const bool wide = id == SiteId::user_nop5 || id == SiteId::user_nop10;
  return arch == ArchId::arm64 && wide ? "arm64 has none: no nop is longer than an instruction" : "";
}

constexpr const SiteInfo& info_of(SiteId id) {
  return kSites[static_cast<size_t>(id)];
}

}  // namespace probebench::inline model
