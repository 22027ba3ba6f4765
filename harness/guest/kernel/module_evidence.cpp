// SPDX-License-Identifier: MIT
#include "kernel/module_evidence.h"

namespace probebench::kernel {
namespace {

Bytes bytes_of(const std::uint8_t* data, std::uint32_t length) {
  return Bytes(data, data + length);
}

}  // namespace

Evidence evidence_of(const pb_evidence& raw) {
  const auto has = [&](std::uint32_t flag) { return (raw.flags & flag) != 0; };
  Evidence evidence;
  evidence.armed = bytes_of(raw.site, raw.site_len);
  if (has(PB_EV_SLOT)) evidence.slot = bytes_of(raw.slot, raw.slot_len);
  if (has(PB_EV_DETOUR)) evidence.detour = bytes_of(raw.detour, raw.detour_len);
  evidence.site_address = raw.site_addr;
  evidence.slot_address = raw.slot_addr;
  evidence.detour_address = raw.detour_addr;
  evidence.emulated = has(PB_EV_EMULATED);
  evidence.boostable = has(PB_EV_BOOSTABLE);
  evidence.optimized_flag = has(PB_EV_OPTIMIZED);
  evidence.ftrace_flag = has(PB_EV_FTRACE);
  evidence.prepared = has(PB_EV_PREPARED);
  evidence.breakpoint = has(PB_EV_BREAKPOINT);
  evidence.in_own_list = has(PB_EV_OWN_LIST);
  evidence.slots_held = raw.slots_held;
  evidence.missed = raw.nmissed;
  return evidence;
}

}  // namespace probebench::kernel
