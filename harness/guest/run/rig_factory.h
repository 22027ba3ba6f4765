// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "call/call_site.h"
#include "model/cell.h"
#include "run/machine.h"
#include "run/rig.h"

namespace probebench::run {

// nullptr: the cell's driver is the helper module, which this machine does not have.
std::unique_ptr<call::CallSite> make_site(const Cell& cell, const Machine& machine);
// That site with the cell's probe; nullptr likewise.
std::unique_ptr<Rig> make_rig(const Cell& cell, const Machine& machine);

}  // namespace probebench::run
