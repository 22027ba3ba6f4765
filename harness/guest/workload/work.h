// SPDX-License-Identifier: MIT
// The operations of kWorkloads, as code that runs inside the target.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/plan.h"

namespace probebench::workload {

// The operations of a workload. What they need is made by the factory and goes with it: files, sockets, other
// processes.
class Work {
 public:
  virtual ~Work() = default;
  virtual Status run(std::uint32_t operations) = 0;
  // What the last run() took by a clock of the work's own, in units of kernel::begin_clock(). Nothing:
  // whoever lets it run has the clock.
  virtual std::optional<std::uint64_t> own_ticks() const { return std::nullopt; }
};

using MadeWork = Result<std::unique_ptr<Work>>;

struct WorkOptions {
  std::vector<std::string> command;  // WorkloadId::command
  std::chrono::seconds timeout{60};  // for each start of it
};

// The factories that make_work() chooses from, one for each kind of work.

MadeWork make_null_syscall();
MadeWork make_clock_read();
MadeWork make_byte_io();
MadeWork make_pread();
MadeWork make_kill();
MadeWork make_open_close();
MadeWork make_stat();
MadeWork make_file_cycle();
MadeWork make_page_fault();
MadeWork make_page_alloc();
MadeWork make_cpu_loop();
MadeWork make_ping_pong();
MadeWork make_fork_exec_wait();
MadeWork make_tcp_request();
MadeWork make_udp_send();
MadeWork make_udp_send_to();
MadeWork make_compile();
MadeWork make_command(const WorkOptions& options);
// The same without any watch over it, started by another process, whose memory stays as it is.
MadeWork make_program(std::vector<std::string> command);

// The operations of kWorkloads, as code that runs inside the target.

// An unsupported error where this target lacks something (as(1), loopback).
MadeWork make_work(WorkloadId id, const WorkOptions& options);

}  // namespace probebench::workload
