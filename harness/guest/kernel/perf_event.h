// SPDX-License-Identifier: MIT
// Perf events: opened, counted, and the two PMUs whose events are probes.
#pragma once

#include <linux/perf_event.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace probebench::kernel {

// Of the PMU "kprobe": at a kernel function. Of the PMU "uprobe": in a file.
struct PerfProbe {
  std::string pmu;
  std::string place;         // function or path; empty: `offset` is a kernel address
  std::uint64_t offset = 0;  // from there
  bool at_return = false;
};

bool has_pmu(std::string_view name);

// They point into `probe`. A kernel without the PMU is an unsupported error.
Result<perf_event_attr> attributes_of(const PerfProbe& probe);

// What an event counts: what the calling thread does on any CPU, or what everybody does on the first one.
enum class Watch { this_thread, first_cpu };

// `leader`: of the group that it joins. Whether a refusal makes a row skipped is the caller's to say.
Result<UniqueFd> open_perf_event(perf_event_attr attributes, Watch watch, const std::string& what,
                                 int leader = -1);

Result<std::uint64_t> read_count(const UniqueFd& event);

}  // namespace probebench::kernel
