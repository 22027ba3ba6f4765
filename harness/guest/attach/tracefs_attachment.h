// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "attach/event_attachment.h"
#include "model/cell.h"

namespace probebench {

// Group of our events and name of our instance: nobody else's, and this process's alone.
std::string trace_name();

// The longest window whose records, with those of the warm-up calls before it, stay within one page of the
// ring buffer. Turning a page costs as much as a few hits, and in windows of N and 2N calls it would not come
// twice as often in the longer one.
std::uint32_t calls_within_a_trace_page(const Cell& cell);

// The trace event or tracer of the cell's probe type in an instance of its own, on the cell's site, which the
// kernel patches at `address`. With the handler nop the instance's tracing is off: the kernel's program runs
// and finds that there is nothing to record. With any other it records one event per hit.
Result<AttachedEvent> attach_trace_event(const Cell& cell, std::uint64_t address);

// The same with a uprobe of the cell's probe type at a place in a file, for every process that has it mapped.
Result<AttachedEvent> attach_trace_uprobe(const Cell& cell, const std::string& file, std::uint64_t offset);

}  // namespace probebench
