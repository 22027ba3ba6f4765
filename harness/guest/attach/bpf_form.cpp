// SPDX-License-Identifier: MIT
#include "attach/bpf_form.h"

#include <fmt/format.h>
#include <linux/bpf.h>

#include <array>

namespace probebench::attach {
namespace {

// Newer than the headers of Debian 12: Linux 6.6 and 6.10.
constexpr std::uint32_t kTraceUprobeMulti = 48;
constexpr std::uint32_t kTraceKprobeSession = 56;

constexpr std::array kBpfForms{
    BpfForm{ProbeType::bpf_kprobe, "kprobe", BpfAttach::kprobe, 0, false, false, 1},
    BpfForm{ProbeType::bpf_kretprobe, "kprobe", BpfAttach::kprobe, 0, true, false, 1},
    BpfForm{ProbeType::bpf_kprobe_multi, "kprobe", BpfAttach::kprobe_multi, BPF_TRACE_KPROBE_MULTI, false,
            false, 1},
    BpfForm{ProbeType::bpf_kretprobe_multi, "kprobe", BpfAttach::kprobe_multi, BPF_TRACE_KPROBE_MULTI, true,
            false, 1},
    BpfForm{ProbeType::bpf_kprobe_session, "kprobe", BpfAttach::kprobe_multi, kTraceKprobeSession, false,
            false, 2},
    BpfForm{ProbeType::bpf_kprobe_multi_all, "kprobe", BpfAttach::kprobe_multi, BPF_TRACE_KPROBE_MULTI, false,
            false, 1},
    BpfForm{ProbeType::bpf_kretprobe_multi_all, "kprobe", BpfAttach::kprobe_multi, BPF_TRACE_KPROBE_MULTI,
            true, false, 1},
    BpfForm{ProbeType::fentry, "fentry", BpfAttach::trampoline, BPF_TRACE_FENTRY, false, true, 1},
    BpfForm{ProbeType::fexit, "fexit", BpfAttach::trampoline, BPF_TRACE_FEXIT, true, true, 1},
    BpfForm{ProbeType::fmod_ret, "fmod_ret", BpfAttach::trampoline, BPF_MODIFY_RETURN, false, true, 1},
    BpfForm{ProbeType::bpf_tp, "tp", BpfAttach::tracepoint, 0, false, false, 1},
    BpfForm{ProbeType::raw_tp, "raw_tp", BpfAttach::raw_tracepoint, 0, false, false, 1},
    BpfForm{ProbeType::tp_btf, "tp_btf", BpfAttach::trampoline, BPF_TRACE_RAW_TP, false, true, 1},
    BpfForm{ProbeType::uprobe, "kprobe", BpfAttach::uprobe, 0, false, false, 1},
    BpfForm{ProbeType::uretprobe, "kprobe", BpfAttach::uprobe, 0, true, false, 1},
    BpfForm{ProbeType::uprobe_multi, "kprobe", BpfAttach::uprobe_multi, kTraceUprobeMulti, false, false, 1},
    BpfForm{ProbeType::usdt, "usdt", BpfAttach::usdt, 0, false, false, 1},
};

}  // namespace

std::string BpfAttachPoint::name() const {
  if (!event.empty()) return event_group + ":" + event;
  if (location.in_file()) return fmt::format("{}+{:#x}", location.binary.string(), location.offset);
  return function.empty() ? fmt::format("{:#x}", location.address) : function;
}

std::optional<BpfAttachPoint> event_of(SiteId site) {
  switch (site) {
    case SiteId::tracepoint:  // kmod/pb_trace.h
      return BpfAttachPoint{.event_group = "probebench", .event = "pb_site_call"};
    case SiteId::kernel_trigger:
      return BpfAttachPoint{.event = "bpf_trigger_tp"};
    case SiteId::syscall_getpgid:
      return BpfAttachPoint{.event_group = "syscalls", .event = "sys_enter_getpgid"};
    default:
      return std::nullopt;
  }
}

BpfAttachPoint attach_point_of(const Cell& cell, const SiteLocation& location) {
  if (auto event = event_of(cell.site)) return *event;
  BpfAttachPoint point{.location = location, .function = std::string(info_of(cell.site).symbol)};
  if (cell.probe_type == ProbeType::usdt) {  // the note's two names (user_sites_x86.S)
    point.event_group = "probebench";
    point.event = info_of(cell.site).name;
  }
  return point;
}

const BpfForm* find_bpf_form(ProbeType probe_type) {
  for (const auto& form : kBpfForms) {
    if (form.id == probe_type) return &form;
  }
  return nullptr;
}

}  // namespace probebench::attach
