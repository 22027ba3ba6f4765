// SPDX-License-Identifier: MIT
// The factories that make_work() chooses from, one for each kind of work.
#pragma once

#include "workload/work.h"

namespace probebench::workload {

MadeWork make_null_syscall();
MadeWork make_clock_read();
MadeWork make_byte_io();
MadeWork make_open_close();
MadeWork make_stat();
MadeWork make_file_cycle();
MadeWork make_page_fault();
MadeWork make_cpu_loop();
MadeWork make_ping_pong();
MadeWork make_fork_exec_wait();
MadeWork make_tcp_request();
MadeWork make_compile();
MadeWork make_command(const WorkOptions& options);

}  // namespace probebench::workload
