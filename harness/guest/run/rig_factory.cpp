// SPDX-License-Identifier: MIT
#include "run/rig_factory.h"

#include "attach/bpf_attach_point.h"
#include "call/kernel_site.h"
#include "call/module_site.h"
#include "call/tracepoint_site.h"
#include "call/user_call_site.h"

namespace probebench {
namespace {

std::unique_ptr<CallSite> make_site(const Cell& cell, const Machine& machine) {
  switch (cell.driver) {
    case DriverId::module:
      return std::make_unique<ModuleSite>(*machine.control, machine.module_limits);
    case DriverId::user:
      return std::make_unique<UserCallSite>(machine.tsc_khz, machine.clock);
    default:
      if (event_of(cell.site)) return std::make_unique<TracepointSite>(machine.tsc_khz, machine.clock);
      return std::make_unique<KernelSite>(machine.tsc_khz, machine.clock);
  }
}

}  // namespace

std::unique_ptr<Rig> make_rig(const Cell& cell, const Machine& machine) {
  if (cell.driver == DriverId::module && !machine.control) return nullptr;
  return std::make_unique<Rig>(make_site(cell, machine), machine.control ? &*machine.control : nullptr,
                               machine.clock);
}

}  // namespace probebench
