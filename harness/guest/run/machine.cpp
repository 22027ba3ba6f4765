// SPDX-License-Identifier: MIT
#include "run/machine.h"

#include <cerrno>
#include <utility>

#include "attach/bpf_form.h"
#include "call/call_site.h"
#include "call/kernel_site.h"
#include "call/user_call_site.h"
#include "kernel/environment.h"
#include "kernel/module_refusal.h"

namespace probebench::run {

Result<Machine> open_machine() {
  auto control = TRY(kernel::Control::open());
  auto info = TRY(control.info());
  TRY(control.selftest());
  Machine machine;
  machine.control = std::move(control);
  machine.module_limits = info.limits;
  machine.tsc_khz = info.limits.tsc_khz;
  machine.offer = offer::find_offer(info.features);
  return machine;
}

Machine open_running_kernel(Error why) {
  Machine machine;
  machine.tsc_khz = kernel::measure_tsc_khz();
  machine.offer = offer::find_offer(std::nullopt);
  if (why.what.empty() || machine.offer.needed.contains(Capability::helper_module)) return machine;
  machine.offer.needed[Capability::helper_module] = std::exchange(why.hint, {});
  machine.offer.refusals[Capability::helper_module] = std::move(why);
  return machine;
}

Error module_in_use(Error refusal) {
  refusal.fault = Fault::unsupported;
  if (refusal.err != EBUSY) return refusal;
  const auto holder = kernel::holder_of(kernel::kControlDevice);
  return {Fault::unsupported,
          "the helper module is loaded, and in use by " + (holder.empty() ? "another process" : holder), 0,
          "its end: it serves one process at a time"};
}

void set_clock(Machine& machine, ClockKind clock) {
  machine.clock = clock;
  if (!counts_instructions(clock)) machine.offer.capabilities.push_back(Capability::parallel_cpus);
}

Environment environment_of(const Machine& machine) {
  auto facts = kernel::read_environment();
  if (machine.own_cpu) {
    facts["cpu.measured"] = std::to_string(machine.own_cpu->cpus().front());
    facts["cpu.chosen"] = machine.own_cpu->why();
  }
  return {std::move(facts), machine.offer.capabilities, machine.tsc_khz};
}

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
