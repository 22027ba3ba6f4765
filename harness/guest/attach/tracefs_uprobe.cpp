// SPDX-License-Identifier: MIT
#include "attach/tracefs_attachment.h"
#include "attach/uprobe_attachment.h"

namespace probebench {
namespace {

// A uprobe event in an instance of our own; its records are the hits.
class TracefsUprobe : public UprobeAttachment {
 public:
  explicit TracefsUprobe(AttachedEvent event) : event_(std::move(event)) {}

  Status start_counting() override { return event_->begin(Handler::record); }
  // Back to tracing that is off; a handler that records counts in every window.
  void stop_counting() override { [[maybe_unused]] const auto status = event_->begin(Handler::nop); }

  Result<HitCounts> hits() const override { return event_->tally(); }

  std::string description() const override { return event_->description(); }

 private:
  AttachedEvent event_;
};

}  // namespace

// The path by which every process finds its own program needs no quoting, whatever the real one is.
Result<AttachedUprobe> attach_tracefs_uprobe(const Cell& cell, const UserSiteLocation& location) {
  auto event = attach_trace_uprobe(cell, "/proc/self/exe", location.offset);
  if (!event) return event.error();
  if (auto status = (*event)->begin(Handler::nop); !status) return status.error();
  return AttachedUprobe(std::make_unique<TracefsUprobe>(std::move(*event)));
}

}  // namespace probebench
