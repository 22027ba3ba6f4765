// SPDX-License-Identifier: MIT
#include "anatomy/phase.h"

#include <gtest/gtest.h>

#include <vector>

namespace probebench::anatomy {
namespace {

struct PhaseStep {
  std::size_t depth;
  Arrival arrival;
  const char* name;
  Phase expected;
};

void expect_phases(const std::vector<PhaseStep>& steps) {
  std::vector<Visit> visits;
  std::vector<std::string> names;
  for (const auto& step : steps) {
    visits.push_back({step.depth, step.arrival});
    names.emplace_back(step.name);
  }
  const auto phases = phases_of(visits, names);
  ASSERT_EQ(phases.size(), steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(name_of(phases[i]), name_of(steps[i].expected)) << i << ": " << steps[i].name;
  }
}

// The probe of a system call is inside it.
TEST(Phases, ASystemCallOfArm64IsTheProbedCall) {
  expect_phases({
      {0, Arrival::onward, "user space", Phase::call},
      {1, Arrival::system_call, "vectors", Phase::call},
      {1, Arrival::jump, "el0t_64_sync", Phase::call},
      {2, Arrival::call, "el0t_64_sync_handler", Phase::call},
      {3, Arrival::call, "el0_svc", Phase::call},
      {4, Arrival::call, "syscall_trace_enter", Phase::dispatch},
      {5, Arrival::call, "bpf_prog_nop_tp [bpf]", Phase::handler},
      {4, Arrival::ret, "syscall_trace_enter", Phase::dispatch},
      {3, Arrival::ret, "el0_svc", Phase::call},
      {4, Arrival::call, "__arm64_sys_getpgid", Phase::call},
      {3, Arrival::ret, "el0_svc", Phase::call},
      {2, Arrival::ret, "el0t_64_sync_handler", Phase::call},
      {1, Arrival::jump, "ret_to_user", Phase::call},
      {0, Arrival::exception_return, "user space", Phase::call},
  });
}

TEST(Phases, AnExceptionOfArm64IsTheProbesOwn) {
  expect_phases({
      {0, Arrival::onward, "pb_user_nop", Phase::call},
      {1, Arrival::exception, "vectors", Phase::entry},
      {1, Arrival::jump, "el0t_64_sync", Phase::entry},
      {2, Arrival::call, "el0t_64_sync_handler", Phase::entry},
      {3, Arrival::call, "uprobe_brk_handler", Phase::dispatch},
      {2, Arrival::ret, "el0t_64_sync_handler", Phase::exit},
      {1, Arrival::jump, "ret_to_user", Phase::exit},
      {0, Arrival::exception_return, "pb_user_nop", Phase::call},
  });
}

// The doors of an exception that came in a system call are not that call's.
TEST(Phases, AnExceptionInASystemCallIsTheProbesOwn) {
  expect_phases({
      {0, Arrival::onward, "user space", Phase::call},
      {1, Arrival::system_call, "vectors", Phase::call},
      {2, Arrival::call, "__arm64_sys_getpgid", Phase::call},
      {3, Arrival::exception, "vectors", Phase::entry},
      {4, Arrival::call, "kprobe_brk_handler", Phase::dispatch},
      {3, Arrival::ret, "ret_to_kernel", Phase::exit},
      {2, Arrival::exception_return, "__arm64_sys_getpgid", Phase::call},
      {1, Arrival::ret, "ret_to_user", Phase::call},
  });
}

// Linux 6.1 of arm64, where parts of ftrace_caller are symbols.
TEST(Phases, WhatFtraceRestoresIsItsExit) {
  expect_phases({
      {0, Arrival::onward, "pb_site_entry [probebench]", Phase::call},
      {1, Arrival::call, "ftrace_caller", Phase::entry},
      {1, Arrival::jump, "ftrace_common", Phase::entry},
      {1, Arrival::onward, "ftrace_call", Phase::entry},
      {2, Arrival::call, "ftrace_ops_list_func", Phase::dispatch},
      {3, Arrival::call, "pb_nop_ftrace [probebench]", Phase::handler},
      {2, Arrival::ret, "ftrace_ops_list_func", Phase::dispatch},
      {1, Arrival::ret, "ftrace_call", Phase::exit},
      {0, Arrival::ret, "pb_site_entry [probebench]", Phase::call},
  });
}

// What the kernel's macros put into the module to hand a tracepoint on is not the call.
TEST(Phases, ATracepointIsHandedOnByFunctionsOfTheModule) {
  expect_phases({
      {0, Arrival::onward, "pb_site_tracepoint [probebench]", Phase::call},
      {1, Arrival::call, "perf_trace_pb_call [probebench]", Phase::dispatch},
      {2, Arrival::call, "(plt) [probebench]", Phase::dispatch},
      {2, Arrival::jump, "trace_call_bpf", Phase::dispatch},
      {3, Arrival::call, "bpf_prog_nop_tp [bpf]", Phase::handler},
      {1, Arrival::ret, "perf_trace_pb_call [probebench]", Phase::dispatch},
      {0, Arrival::ret, "pb_site_tracepoint [probebench]", Phase::call},
      {1, Arrival::call, "trace_event_raw_event_pb_call [probebench]", Phase::dispatch},
  });
}

}  // namespace
}  // namespace probebench::anatomy
