// SPDX-License-Identifier: MIT
// Who hangs on the kernel's tracepoints, by the kernel's own memory: what perf attaches to one is in no
// listing.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/cost.h"
#include "model/sample.h"

namespace probebench::cost {

// struct tracepoint and struct tracepoint_func of include/linux/tracepoint-defs.h, by the kernel's BTF: byte
// sizes and offsets.
struct TracepointLayout {
  std::size_t funcs = 0;  // of the pointer to the first tracepoint_func; null: nobody
  std::size_t func_size = 0;
};

// The tracer's own, which keep the names of processes for whatever it records, and stay when a module with a
// trace_printk() goes (kernel/trace/trace_sched_switch.c).
constexpr bool is_tracers_own(std::string_view function) {
  return function == "probe_sched_switch" || function == "probe_sched_wakeup";
}

// Kernel memory at an address; an error where there is none.
using ReadMemory = std::function<Result<Bytes>(std::uint64_t address, std::size_t length)>;

// The functions of an array of tracepoint_func, whose last one has none.
Result<std::vector<std::uint64_t>> functions_in(std::uint64_t array, const TracepointLayout& layout,
                                                const ReadMemory& read);

// "sched_switch perf_trace_sched_switch"; for the system calls that perf looks at a line each, "sys_enter
// perf_syscall_enter __x64_sys_openat". Empty where the kernel does not show its memory.
std::vector<ListedProbe> list_tracepoints();

// The trace event, "syscalls/sys_enter_openat", that passes when perf's does; nothing: the line is not
// perf's. `group_of` finds the group of an event by its name, empty where there is none.
std::optional<std::string> event_of_perf(const std::string& line,
                                         const std::function<std::string(const std::string&)>& group_of);

}  // namespace probebench::cost
