// SPDX-License-Identifier: MIT
#include "attach/bpf_attach_point.h"

#include <fmt/format.h>

namespace probebench::attach {

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
  return {.location = location, .function = std::string(info_of(cell.site).symbol)};
}

}  // namespace probebench::attach
