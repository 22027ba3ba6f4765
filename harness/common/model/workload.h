// SPDX-License-Identifier: MIT
// Whole operations that run while something is probed: which there are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace probebench::inline model {

enum class WorkloadId {
  null_syscall,
  clock_read,
  byte_io,
  pread,
  kill,
  open_close,
  stat,
  pipe_ping_pong,
  fork_exec_wait,
  page_fault,
  page_alloc,
  file_cycle,
  tcp_request,
  udp_send,
  udp_send_to,
  cpu_loop,
  compile,
  command,
};

struct WorkloadInfo {
  WorkloadId id;
  std::string_view name;     // in suites, JSON and tables
  std::string_view summary;  // what one operation is
  std::uint32_t operations;  // of a window that counts; one that is timed has three times as many
  bool single = false;       // one system call alone, for `cost`: our suites leave it out
  bool lengthy = false;      // longer than from one tick of the timer to the next: no window is without one
};

// So many operations that a window is some millions of instructions: several timer ticks, so that one more or
// less does not show.
inline constexpr auto kWorkloads = std::to_array<WorkloadInfo>({
    {WorkloadId::null_syscall, "null-syscall", "getppid()", 6000},
    {WorkloadId::clock_read, "clock-read", "gettimeofday() by system call", 6000},
    {WorkloadId::byte_io, "byte-io", "one byte read, one written", 3000},
    {WorkloadId::pread, "pread", "one byte read at a place of a file", 3000, true},
    {WorkloadId::kill, "kill", "a signal sent that the process ignores", 3000, true},
    {WorkloadId::open_close, "open-close", "a file opened and closed", 800},
    {WorkloadId::stat, "stat", "a file's status by its name", 1500},
    {WorkloadId::pipe_ping_pong, "pipe-ping-pong", "one byte to another process and back", 500},
    {WorkloadId::fork_exec_wait, "fork-exec-wait", "a small program started and waited for", 12, false, true},
    {WorkloadId::page_fault, "page-fault", "a page of memory touched for the first time", 1024},
    {WorkloadId::page_alloc, "page-alloc", "a page of memory given back and touched again", 1500, true},
    {WorkloadId::file_cycle, "file-cycle", "a file created, written, closed and unlinked", 600},
    {WorkloadId::tcp_request, "tcp-request", "a request and its response over loopback", 150},
    {WorkloadId::udp_send, "udp-send", "a datagram sent over loopback to a full socket", 600, true},
    {WorkloadId::udp_send_to, "udp-send-to", "the same with the address in each call", 600, true},
    {WorkloadId::cpu_loop, "cpu-loop", "a quarter million turns of arithmetic", 12, false, true},
    {WorkloadId::compile, "compile", "a small source assembled by as(1)", 2, false, true},
    {WorkloadId::command, "command", "the user's own command", 2, false, true},
});

constexpr const WorkloadInfo& info_of(WorkloadId id) {
  return kWorkloads[static_cast<std::size_t>(id)];
}

constexpr std::optional<WorkloadId> workload_from_name(std::string_view name) {
  for (const auto& info : kWorkloads) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

}  // namespace probebench::inline model
