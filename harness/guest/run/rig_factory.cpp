// SPDX-License-Identifier: MIT
#include "run/rig_factory.h"

#include "call/kernel_site.h"
#include "call/module_site.h"
#include "call/tracepoint_site.h"
#include "call/user_loop.h"
#include "run/bpf_rig.h"
#include "run/event_rig.h"
#include "run/kmod_rig.h"
#include "run/uprobe_rig.h"

namespace probebench {
namespace {

std::unique_ptr<CallSite> make_site(const Cell& cell, const Machine& machine) {
  if (cell.driver != DriverId::module && event_of(cell.site)) {
    return std::make_unique<TracepointSite>(machine.tsc_khz, machine.clock);
  }
  if (cell.driver == DriverId::test_run) return std::make_unique<KernelSite>(machine.tsc_khz, machine.clock);
  return std::make_unique<ModuleSite>(*machine.control, machine.module_limits);
}

}  // namespace

std::unique_ptr<Rig> make_rig(const Cell& cell, const Machine& machine) {
  if (cell.driver == DriverId::module && !machine.control) return nullptr;
  switch (info_of(cell.probe_type).backend) {
    case Backend::kmod:
      return std::make_unique<KmodRig>(*machine.control, machine.module_limits);
    case Backend::bpf:
      return std::make_unique<BpfRig>(make_site(cell, machine));
    case Backend::tracefs:
    case Backend::perf:
      return std::make_unique<EventRig>(make_site(cell, machine));
    case Backend::uprobe:
      return std::make_unique<UprobeRig>(machine.tsc_khz, machine.clock);
  }
  return nullptr;
}

}  // namespace probebench
