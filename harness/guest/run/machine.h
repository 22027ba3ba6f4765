// SPDX-License-Identifier: MIT
// What the agent found the target to be, and what it holds open in it.
#pragma once

#include <memory>
#include <optional>

#include "base/quiet_cpu.h"
#include "call/call_site.h"
#include "kernel/control.h"
#include "model/cell.h"
#include "model/environment.h"
#include "offer/offer.h"
#include "run/rig.h"

namespace probebench::run {

struct Machine {
  std::optional<kernel::Control> control;  // absent where the helper module is not loaded
  kernel::RigLimits module_limits;
  offer::Offer offer;
  std::uint64_t tsc_khz = 0;
  ClockKind clock = ClockKind::instructions;
  std::optional<QuietCpu> own_cpu;  // where a running kernel is measured
};

// A machine into which the helper module was loaded: tests it and asks what it can do.
Result<Machine> open_machine();
// The running kernel without the module. `why`: why the host has none, and in its hint what that needs; a
// kernel that would take none says so instead.
Machine open_running_kernel(Error why = {});
// Of a module that is loaded and does not serve: who holds it, if somebody does.
Error module_in_use(Error refusal);

// What the plan says that the TSC counts, and what follows from that.
void set_clock(Machine& machine, ClockKind clock);

Environment environment_of(const Machine& machine);

// nullptr: the cell's driver is the helper module, which this machine does not have.
std::unique_ptr<call::CallSite> make_site(const Cell& cell, const Machine& machine);
// That site with the cell's probe; nullptr likewise.
std::unique_ptr<Rig> make_rig(const Cell& cell, const Machine& machine);

}  // namespace probebench::run
