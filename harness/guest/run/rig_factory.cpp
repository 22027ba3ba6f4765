// SPDX-License-Identifier: MIT
#include "run/rig_factory.h"

#include "attach/bpf_attach_point.h"
#include "call/kernel_site.h"
#include "call/module_site.h"
#include "call/tracepoint_site.h"
#include "call/user_call_site.h"

namespace probebench::run {
std::unique_ptr<call::CallSite> make_site(const Cell& cell, const Machine& machine) {
  if (cell.driver == DriverId::module && !machine.control) return nullptr;
  switch (cell.driver) {
    case DriverId::module:
      return std::make_unique<call::ModuleSite>(*machine.control, machine.module_limits);
    case DriverId::user:
      return std::make_unique<call::UserCallSite>(machine.tsc_khz, machine.clock);
    default:
      if (attach::event_of(cell.site))
        return std::make_unique<call::TracepointSite>(machine.tsc_khz, machine.clock);
      return std::make_unique<call::KernelSite>(machine.tsc_khz, machine.clock);
  }
}

std::unique_ptr<Rig> make_rig(const Cell& cell, const Machine& machine) {
  auto site = make_site(cell, machine);
  if (!site) return nullptr;
  return std::make_unique<Rig>(std::move(site), machine.control ? &*machine.control : nullptr, machine.clock);
}

}  // namespace probebench::run
