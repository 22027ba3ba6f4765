// SPDX-License-Identifier: MIT
// One attached uprobe: it is detached when it goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "attach/hit_counts.h"
#include "attach/user_site_location.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "model/cell.h"

namespace probebench {

class UprobeAttachment {
 public:
  virtual ~UprobeAttachment() = default;
  // Hits are counted from here until stop_counting(). The probe stays attached as it is.
  virtual Status start_counting() = 0;
  virtual void stop_counting() = 0;
  // Since some fixed moment, while counting.
  virtual Result<HitCounts> hits() const = 0;
  // What the kernel says of it; may be empty.
  virtual std::string description() const = 0;
};

using AttachedUprobe = std::unique_ptr<UprobeAttachment>;

// Attaches the cell's probe type to the site, in this process only.
Result<AttachedUprobe> attach_uprobe(const Cell& cell, const UserSiteLocation& location);

// A perf event of the uprobe PMU on this process; detached when it is closed.
Result<UniqueFd> open_uprobe_event(const UserSiteLocation& location, bool on_return);

// The event's own count is the hits. It has no handler of ours.
Result<AttachedUprobe> attach_perf_uprobe(const Cell& cell, const UserSiteLocation& location);

// A BPF program with the cell's handler on a perf event or, for uprobe-multi, on a link of its own.
Result<AttachedUprobe> attach_bpf_uprobe(const Cell& cell, const UserSiteLocation& location);

// A trace event in an instance of our own. With the handler nop the instance's tracing is off but while hits
// are counted.
Result<AttachedUprobe> attach_tracefs_uprobe(const Cell& cell, const UserSiteLocation& location);

// Whether the kernel knows uprobe-multi links.
Status try_uprobe_multi();

}  // namespace probebench
