// SPDX-License-Identifier: MIT
#include "attach/uprobe_attachment.h"

namespace probebench {

Result<AttachedUprobe> attach_uprobe(const Cell& cell, const UserSiteLocation& location) {
  switch (cell.probe_type) {
    case ProbeType::perf_uprobe:
    case ProbeType::perf_uretprobe:
      return attach_perf_uprobe(cell, location);
    case ProbeType::tracefs_uprobe:
    case ProbeType::tracefs_uretprobe:
      return attach_tracefs_uprobe(cell, location);
    default:
      return attach_bpf_uprobe(cell, location);
  }
}

}  // namespace probebench
