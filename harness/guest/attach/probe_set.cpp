// SPDX-License-Identifier: MIT
#include "attach/probe_set.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>

#include "base/stop.h"
#include "kernel/arch.h"
#include "kernel/control.h"
#include "kernel/evidence.h"
#include "pb_abi.h"

namespace probebench::attach {
namespace {

static_assert(kMaxSet == PB_MAX_SET);

constexpr std::chrono::milliseconds kPause{20};
constexpr std::array<const char*, 4> kSteps{"", "register", "arm", "disarm"};

pb_set raw_request(const SetRequest& request) {
  pb_set raw{};
  raw.mechanism = static_cast<std::uint32_t>(request.mechanism);
  raw.handler = static_cast<std::uint32_t>(request.handler.handler.id);
  raw.flags = request.handler.tally ? PB_SET_TALLY : 0u;
  raw.count = static_cast<std::uint32_t>(request.addresses.size());
  raw.delay_ns = request.handler.handler.delay_ns;
  raw.maxactive = request.maxactive;
  raw.user_string = reinterpret_cast<std::uintptr_t>(kernel::kUserString.data());
  raw.addresses = reinterpret_cast<std::uintptr_t>(request.addresses.data());
  return raw;
}

SetProbe probe_of(const pb_set_probe& raw) {
  SetProbe probe;
  probe.address = raw.address;
  probe.hits = raw.hits;
  probe.missed = raw.missed;
  probe.error = -raw.error;
  probe.step = kSteps.at(raw.step);
  probe.prepared = (raw.flags & PB_EV_PREPARED) != 0;
  probe.waiting = (raw.flags & PB_EV_OPTIMIZED) != 0 && kernel::begins_with_trap(raw.now);
  probe.original.assign(std::begin(raw.original), std::end(raw.original));
  probe.now.assign(std::begin(raw.now), std::end(raw.now));
  return probe;
}

Status request(int device, unsigned long command, void* argument, const char* what) {
  if (::ioctl(device, command, argument) == 0) return Done{};
  return errno_error(Fault::cell, what);
}

}  // namespace

Result<ProbeSet> ProbeSet::define(const kernel::Control& control, const SetRequest& wanted) {
  if (wanted.addresses.empty() || wanted.addresses.size() > kMaxSet) {
    return Error{Fault::cell,
                 fmt::format("define a set of {} probes: 1 to {} may be", wanted.addresses.size(), kMaxSet),
                 0,
                 {}};
  }
  auto raw = raw_request(wanted);
  TRY(request(control.device(), PB_IOC_SET_DEFINE, &raw, "define a set of probes"));
  return ProbeSet(control.device(), wanted.addresses.size());
}

ProbeSet::~ProbeSet() {
  // Whoever wants to know whether all bytes came back calls disarm().
  if (device_ >= 0) ::ioctl(device_, PB_IOC_SET_CLEAR);
}

Status ProbeSet::arm() {
  return request(device_, PB_IOC_SET_ARM, nullptr, "arm a set of probes");
}

Status ProbeSet::wait_until_settled(std::chrono::milliseconds deadline) const {
  std::ptrdiff_t waiting = 0;
  const auto settled = poll_until(deadline, kPause, [&]() -> Result<bool> {
    const auto now = TRY(probes());
    waiting = std::ranges::count_if(now, &SetProbe::waiting);
    return waiting == 0;
  });
  if (!settled) return settled.error();
  if (*settled) return Done{};
  return Error{Fault::cell, fmt::format("wait until {} probes are optimized", waiting), ETIMEDOUT, {}};
}

Status ProbeSet::use_handler(const SetHandler& handler) {
  pb_set_handler raw{static_cast<std::uint32_t>(handler.handler.id), handler.tally ? PB_SET_TALLY : 0u};
  return request(device_, PB_IOC_SET_HANDLER, &raw, "give a set of probes another handler");
}

Status ProbeSet::disarm() {
  return request(device_, PB_IOC_SET_DISARM, nullptr, "disarm a set of probes and restore the text");
}

Status ProbeSet::clear() {
  const int device = std::exchange(device_, -1);
  return request(device, PB_IOC_SET_CLEAR, nullptr, "unregister a set of probes");
}

Result<SetTotals> ProbeSet::totals() const {
  pb_set_totals raw{};
  TRY(request(device_, PB_IOC_SET_TOTALS, &raw, "count a set of probes"));
  return SetTotals{raw.probes, raw.registered, raw.patched, raw.jumps, raw.hits, raw.tallied, raw.missed};
}

Result<std::vector<SetProbe>> ProbeSet::probes() const {
  std::vector<pb_set_probe> raw(size_);
  pb_set_read read{0, static_cast<std::uint32_t>(size_), reinterpret_cast<std::uintptr_t>(raw.data())};
  TRY(request(device_, PB_IOC_SET_READ, &read, "read a set of probes"));
  std::vector<SetProbe> probes;
  probes.reserve(size_);
  for (const auto& one : raw) probes.push_back(probe_of(one));
  return probes;
}

Result<Evidence> ProbeSet::look(std::size_t index, const SetProbe& probe) const {
  pb_set_evidence raw{};
  raw.index = static_cast<std::uint32_t>(index);
  TRY(request(device_, PB_IOC_SET_EVIDENCE, &raw, "read a probe's evidence"));
  auto evidence = kernel::evidence_of(raw.evidence);
  evidence.before = probe.original;
  return evidence;
}

}  // namespace probebench::attach
