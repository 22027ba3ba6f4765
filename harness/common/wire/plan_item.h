// SPDX-License-Identifier: MIT
// How a plan gets to a guest that was booted before there was one: as an item of QEMU's firmware
// configuration (docs/specs/fw_cfg.txt in QEMU's sources).
#pragma once

namespace probebench::wire {

inline constexpr const char* kPlanItem = "opt/org.probebench/plan";
// With it, the files that go with the plan: a cpio archive (newc). Absent: there are none.
inline constexpr const char* kFilesItem = "opt/org.probebench/files";

// A guest that finds none says so, in a line that is no record, and looks again until there is one.
inline constexpr const char* kWaitsForPlan = "waiting for a plan";

}  // namespace probebench::wire
