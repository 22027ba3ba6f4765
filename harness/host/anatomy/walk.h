// SPDX-License-Identifier: MIT
// From a flat path to calls within calls: how each instruction was arrived at, and how deep.
#pragma once

#include <cstddef>
#include <vector>

#include "anatomy/period.h"
#include "base/result.h"
#include "verify/x86/disassembler.h"

namespace probebench::anatomy {

// system_call: from user space; it ends with an exception_return, too.
enum class Arrival { onward, jump, call, ret, exception, system_call, exception_return };

struct Visit {
  std::size_t depth = 0;  // calls and exceptions that the turn is in
  Arrival arrival = Arrival::onward;
  bool operator==(const Visit&) const = default;
};

// One visit for each step of the turn. A turn that leaves more than it entered, or does not come back to the
// depth that it began with, is an error: then some step is missing or the path is not what it is taken for.
Result<std::vector<Visit>> walk(const Turn& turn, const verify::Disassembler& disassembler);

}  // namespace probebench::anatomy
