// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "attach/uprobe_attachment.h"
#include "kernel/perf_event.h"

namespace probebench {
namespace {

class PerfUprobe : public UprobeAttachment {
 public:
  explicit PerfUprobe(UniqueFd event) : event_(std::move(event)) {}

  // It always counts.
  Status start_counting() override { return Done{}; }
  void stop_counting() override {}

  // The event follows the process: it cannot tell CPUs apart.
  Result<HitCounts> hits() const override {
    const auto count = read_count(event_);
    if (!count) return count.error();
    return HitCounts{{*count}, 0};
  }

  std::string description() const override { return {}; }

 private:
  UniqueFd event_;
};

}  // namespace

Result<UniqueFd> open_uprobe_event(const UserSiteLocation& location, bool on_return) {
  const PerfProbe probe{"uprobe", location.binary.string(), location.offset, on_return};
  const auto attributes = attributes_of(probe);
  if (!attributes) return attributes.error();
  return open_perf_event(
      *attributes, Watch::this_thread,
      fmt::format("perf_event_open of a uprobe at {}+{:#x}", probe.place, location.offset));
}

Result<AttachedUprobe> attach_perf_uprobe(const Cell& cell, const UserSiteLocation& location) {
  if (cell.handler != Handler::nop && cell.handler != Handler::count) {
    return Error{Fault::unsupported, "a perf event that counts runs no handler of ours", 0,
                 "a handler that it has: nop, count"};
  }
  if (cell.threads > 1) {
    return Error{Fault::unsupported, "a perf event counts the hits of one thread", 0,
                 "--threads 1, or --probe-type uprobe,uretprobe"};
  }
  auto event = open_uprobe_event(location, info_of(cell.probe_type).mechanism == Mechanism::uretprobe);
  if (!event) return event.error();
  return AttachedUprobe(std::make_unique<PerfUprobe>(std::move(*event)));
}

}  // namespace probebench
