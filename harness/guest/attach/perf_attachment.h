// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "attach/event_attachment.h"
#include "model/cell.h"

namespace probebench {

// perf_event_open() of the cell's probe type at a kernel address, for this thread. The event always counts;
// with the handler `record` it also samples each hit into a ring buffer.
Result<AttachedEvent> attach_perf_event(const Cell& cell, std::uint64_t address);

}  // namespace probebench
