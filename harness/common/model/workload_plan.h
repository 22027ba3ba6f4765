// SPDX-License-Identifier: MIT
// Whole operations that run while many functions are probed: which there are, and with which probes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/handler.h"

namespace probebench::inline model {

enum class WorkloadId {
  null_syscall,
  clock_read,
  byte_io,
  open_close,
  stat,
  pipe_ping_pong,
  fork_exec_wait,
  page_fault,
  file_cycle,
  tcp_request,
  cpu_loop,
  compile,
  command,
};

struct WorkloadInfo {
  WorkloadId id;
  std::string_view name;     // in suites, JSON and tables
  std::string_view summary;  // what one operation is
  std::uint32_t operations;  // of a window that counts; one that is timed has three times as many
};

// So many operations that a window is some millions of instructions: several timer ticks, so that one more or
// less does not show.
inline constexpr std::array kWorkloads{
    WorkloadInfo{WorkloadId::null_syscall, "null-syscall", "getppid()", 6000},
    WorkloadInfo{WorkloadId::clock_read, "clock-read", "gettimeofday() by system call", 6000},
    WorkloadInfo{WorkloadId::byte_io, "byte-io", "one byte read, one written", 3000},
    WorkloadInfo{WorkloadId::open_close, "open-close", "a file opened and closed", 800},
    WorkloadInfo{WorkloadId::stat, "stat", "a file's status by its name", 1500},
    WorkloadInfo{WorkloadId::pipe_ping_pong, "pipe-ping-pong", "one byte to another process and back", 500},
    WorkloadInfo{WorkloadId::fork_exec_wait, "fork-exec-wait", "a small program started and waited for", 12},
    WorkloadInfo{WorkloadId::page_fault, "page-fault", "a page of memory touched for the first time", 1024},
    WorkloadInfo{WorkloadId::file_cycle, "file-cycle", "a file created, written, closed and unlinked", 600},
    WorkloadInfo{WorkloadId::tcp_request, "tcp-request", "a request and its response over loopback", 150},
    WorkloadInfo{WorkloadId::cpu_loop, "cpu-loop", "a quarter million turns of arithmetic", 12},
    WorkloadInfo{WorkloadId::compile, "compile", "a small source assembled by as(1)", 2},
    WorkloadInfo{WorkloadId::command, "command", "the user's own command", 2},
};

constexpr const WorkloadInfo& info_of(WorkloadId id) {
  return kWorkloads[static_cast<std::size_t>(id)];
}

constexpr std::optional<WorkloadId> workload_from_name(std::string_view name) {
  for (const auto& info : kWorkloads) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

// How the functions of a suite are probed: past the entry by kprobes, at the entry by the others.
enum class SuiteMechanism { stepped, unoptimized, optimized, ftrace, fentry };

struct SuiteMechanismInfo {
  SuiteMechanism id;
  std::string_view name;  // in JSON and tables
  std::string_view summary;
  bool past_entry;
};

inline constexpr std::array kSuiteMechanisms{
    SuiteMechanismInfo{SuiteMechanism::stepped, "kprobe-post",
                       "int3 with a post_handler: never boosted nor optimized", true},
    SuiteMechanismInfo{SuiteMechanism::unoptimized, "kprobe-unoptimized", "int3: the optimization is off",
                       true},
    SuiteMechanismInfo{SuiteMechanism::optimized, "kprobe-optimized", "a jump where the kernel can make one",
                       true},
    SuiteMechanismInfo{SuiteMechanism::ftrace, "ftrace", "one ftrace_ops for all functions", false},
    SuiteMechanismInfo{SuiteMechanism::fentry, "fentry", "a BPF trampoline for each function", false},
};

constexpr const SuiteMechanismInfo& info_of(SuiteMechanism id) {
  return kSuiteMechanisms[static_cast<std::size_t>(id)];
}

// The functions that are probed together while each of some workloads runs.
struct SuiteGroup {
  std::vector<WorkloadId> workloads;
  std::vector<std::string> functions;

  bool operator==(const SuiteGroup&) const = default;
};

// What a file of suites asks for.
struct SuitePlan {
  std::string name;
  std::string summary = {};
  HandlerChoice handler = {Handler::count};
  std::vector<SuiteGroup> groups = {};

  bool operator==(const SuitePlan&) const = default;
};

struct WorkloadPlan {
  std::vector<SuitePlan> suites;
  std::vector<SuiteMechanism> mechanisms;
  std::uint32_t rounds = 2;
  std::vector<std::string> command;  // WorkloadId::command, as the target finds it; empty: none
  std::uint32_t command_timeout_s = 60;

  // As many ExperimentSteps as will be told: for each group its mechanisms, and the last baseline.
  std::size_t steps() const;
  bool operator==(const WorkloadPlan&) const = default;
};

}  // namespace probebench::inline model
