// SPDX-License-Identifier: MIT
// The operations of kWorkloads, as code that runs inside the target.
#pragma once

#include "model/workload_plan.h"
#include "workload/work.h"

namespace probebench::workload {

// An unsupported error where this target lacks something (as(1), loopback).
MadeWork make_work(WorkloadId id, const WorkOptions& options);

}  // namespace probebench::workload
