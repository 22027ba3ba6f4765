// SPDX-License-Identifier: MIT
// How a plan, and what goes with it, gets to a guest. To one that was booted before there was a plan: as an
// item of QEMU's firmware configuration (docs/specs/fw_cfg.txt in QEMU's sources).
#pragma once

namespace probebench::wire {

inline constexpr const char* kPlanItem = "opt/org.probebench/plan";
// With it, the files that go with the plan: a cpio archive (newc). Absent: there are none.
inline constexpr const char* kFilesItem = "opt/org.probebench/files";

// Where a guest mounts the disk that has a user's files, if it is given one: a directory of its root.
inline constexpr const char* kDiskPlace = "carried";

// A guest that finds none says so, in a line that is no record, and looks again until there is one.
inline constexpr const char* kWaitsForPlan = "waiting for a plan";

}  // namespace probebench::wire
