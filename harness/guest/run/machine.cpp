// SPDX-License-Identifier: MIT
#include "run/machine.h"

#include "kernel/environment.h"
#include "kernel/tsc.h"

namespace probebench::run {

Result<Machine> open_machine() {
  auto control = kernel::Control::open();
  if (!control) return control.error();
  auto info = control->info();
  if (!info) return info.error();
  if (auto status = control->selftest(); !status) return status.error();
  Machine machine;
  machine.control = std::move(*control);
  machine.module_limits = info->limits;
  machine.tsc_khz = info->limits.tsc_khz;
  machine.offer = offer::find_offer(info->features);
  return machine;
}

Machine open_running_kernel() {
  Machine machine;
  machine.tsc_khz = kernel::measure_tsc_khz();
  machine.offer = offer::find_offer(std::nullopt);
  return machine;
}

void set_clock(Machine& machine, ClockKind clock) {
  machine.clock = clock;
  if (!counts_instructions(clock)) machine.offer.capabilities.push_back(Capability::parallel_cpus);
}

Environment environment_of(const Machine& machine) {
  return {kernel::read_environment(), machine.offer.capabilities, machine.tsc_khz};
}

}  // namespace probebench::run
