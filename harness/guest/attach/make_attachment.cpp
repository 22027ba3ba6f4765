// SPDX-License-Identifier: MIT
#include <algorithm>

#include "attach/attachment.h"
#include "attach/bpf_attachment.h"
#include "attach/crowd.h"
#include "attach/kmod_attachment.h"
#include "attach/perf_attachment.h"
#include "attach/tracefs_attachment.h"

namespace probebench::attach {
namespace {

// A process's functions are probed by the same interfaces as the kernel's.
Backend interface_of(ProbeType type) {
  switch (type) {
    case ProbeType::perf_uprobe:
    case ProbeType::perf_uretprobe:
      return Backend::perf;
    case ProbeType::tracefs_uprobe:
    case ProbeType::tracefs_uretprobe:
      return Backend::tracefs;
    default:
      return info_of(type).backend == Backend::uprobe ? Backend::bpf : info_of(type).backend;
  }
}

bool is_in_user_space(const Cell& cell) {
  return info_of(cell.probe_type).backend == Backend::uprobe;
}

Error no_program(std::string what, const std::string& handlers) {
  return {Fault::unsupported, std::move(what), 0, "a handler that it has: " + handlers};
}

Status check_trace_event(const Cell& cell) {
  if (cell.handler == Handler::nop || cell.handler == Handler::record) return Done{};
  return no_program("a trace event records or does not; it runs no program of ours", "nop, record");
}

Status check_perf_event(const Cell& cell) {
  const bool user = is_in_user_space(cell);
  if (cell.handler != Handler::nop && cell.handler != Handler::count &&
      (user || cell.handler != Handler::record)) {
    return user ? no_program("a perf event that counts runs no handler of ours", "nop, count")
                : no_program("a perf event counts or records; it runs no program of ours",
                             "nop, count, record");
  }
  if (cell.threads == 1) return Done{};
  return Error{Fault::unsupported, "a perf event counts the hits of one thread", 0,
               user ? "--threads 1, or --probe-type uprobe,uretprobe" : "--threads 1"};
}

// Of a ring buffer's page, 4080 bytes: records are 20 to 32 bytes long, the graph tracer's two together 68.
// There are those of the warm-up calls as well. Turning a page costs as much as a few hits, and in windows of
// N and 2N calls it would not come twice as often in the longer one.
std::uint32_t records_on_a_page(const Cell& cell) {
  return cell.probe_type == ProbeType::tracefs_function_graph ? 40 : 100;
}

}  // namespace

Status check_attachable(const Cell& cell) {
  switch (interface_of(cell.probe_type)) {
    case Backend::tracefs:
      return check_trace_event(cell);
    case Backend::perf:
      return check_perf_event(cell);
    default:
      return Done{};
  }
}

std::uint32_t most_calls(const Cell& cell, ClockKind clock) {
  const auto interface = interface_of(cell.probe_type);
  const bool pages = interface == Backend::tracefs || interface == Backend::kmod;
  // In user space every handler's windows are verified by records; among many the page is lost in noise.
  const bool turns = is_in_user_space(cell) ? counts_instructions(clock) : cell.handler == Handler::record;
  return pages && turns ? records_on_a_page(cell) : UINT32_MAX;
}

namespace {

std::unique_ptr<Attachment> make_own(const Cell& cell, const SiteLocation& location,
                                     const kernel::Control* control) {
  switch (interface_of(cell.probe_type)) {
    case Backend::kmod:
      return std::make_unique<KmodAttachment>(*control, cell);
    case Backend::tracefs:
      return std::make_unique<TraceAttachment>(cell, location);
    case Backend::perf:
      return std::make_unique<PerfAttachment>(cell, location);
    default:
      return std::make_unique<BpfAttachment>(cell, location);
  }
}

}  // namespace

std::unique_ptr<Attachment> make_attachment(const Cell& cell, const SiteLocation& location,
                                            const kernel::Control* control) {
  auto own = make_own(cell, location, control);
  if (!info_of(cell.probe_type).among_all) return own;
  return std::make_unique<CrowdedAttachment>(std::move(own), cell.probe_type);
}

}  // namespace probebench::attach
