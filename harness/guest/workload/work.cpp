// SPDX-License-Identifier: MIT
#include "workload/work.h"

namespace probebench::workload {

MadeWork make_work(WorkloadId id, const WorkOptions& options) {
  switch (id) {
    case WorkloadId::null_syscall:
      return make_null_syscall();
    case WorkloadId::clock_read:
      return make_clock_read();
    case WorkloadId::byte_io:
      return make_byte_io();
    case WorkloadId::pread:
      return make_pread();
    case WorkloadId::kill:
      return make_kill();
    case WorkloadId::open_close:
      return make_open_close();
    case WorkloadId::stat:
      return make_stat();
    case WorkloadId::pipe_ping_pong:
      return make_ping_pong();
    case WorkloadId::fork_exec_wait:
      return make_fork_exec_wait();
    case WorkloadId::page_fault:
      return make_page_fault();
    case WorkloadId::page_alloc:
      return make_page_alloc();
    case WorkloadId::file_cycle:
      return make_file_cycle();
    case WorkloadId::tcp_request:
      return make_tcp_request();
    case WorkloadId::udp_send:
      return make_udp_send();
    case WorkloadId::udp_send_to:
      return make_udp_send_to();
    case WorkloadId::cpu_loop:
      return make_cpu_loop();
    case WorkloadId::compile:
      return make_compile();
    case WorkloadId::command:
      return make_command(options);
  }
  return Error{Fault::cell, "make a workload that is none", 0, {}};
}

}  // namespace probebench::workload
