// SPDX-License-Identifier: MIT
#include "run/machine.h"

#include "kernel/environment.h"
#include "kernel/tsc.h"
#include "offer/bpf_offer.h"
#include "offer/event_offer.h"
#include "offer/user_offer.h"

namespace probebench {

Result<Machine> open_machine() {
  auto control = Control::open();
  if (!control) return control.error();
  auto info = control->info();
  if (!info) return info.error();
  if (auto status = control->selftest(); !status) return status.error();
  Machine machine;
  machine.control = std::move(*control);
  machine.module_limits = info->limits;
  machine.offer = Offer(std::move(info->capabilities));
  machine.tsc_khz = info->limits.tsc_khz;
  add_user_offer(machine.offer);
  add_bpf_offer(machine.offer);
  add_event_offer(machine.offer);
  return machine;
}

Machine open_running_kernel() {
  Machine machine;
  machine.offer.refusals[Capability::helper_module] = module_refusal();
  machine.tsc_khz = measure_tsc_khz();
  add_counter_offer(machine.offer);
  add_user_offer(machine.offer);
  add_bpf_offer(machine.offer);
  add_event_offer(machine.offer);
  return machine;
}

void set_clock(Machine& machine, ClockKind clock) {
  machine.clock = clock;
  if (clock != ClockKind::instructions) machine.offer.capabilities.push_back(Capability::parallel_cpus);
}

Environment environment_of(const Machine& machine) {
  return {read_environment(), machine.offer.capabilities, machine.tsc_khz};
}

}  // namespace probebench
