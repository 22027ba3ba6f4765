// SPDX-License-Identifier: MIT
#include "session/native_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "vm/vm_session.h"

namespace probebench::session {

Result<vm::VmOutcome> run_native(const NativeRequest& request, const vm::VmEvents& events) {
  vm::VmAttempt attempt;
  attempt.native = true;
  attempt.clock = ClockKind::tsc;
  const auto plan = memory_file("probebench-plan", events.plan_json(attempt.clock));
  if (!plan) return plan.error();
  bool begun = false;
  vm::VmSession session;
  session.command = {request.agent.string(), "--plan", fmt::format("/proc/self/fd/{}", plan->get())};
  session.guest_log = request.agent_log;
  session.first_line_deadline = request.silence_deadline;
  session.silence_deadline = request.silence_deadline;
  session.record_deadline = std::max(session.record_deadline, 2 * request.silence_deadline);
  session.run_deadline = request.run_deadline;
  session.on_line = [&](std::string_view line) {
    if (!begun) events.on_start(attempt);
    begun = true;
    return events.on_line(line);
  };
  auto outcome = vm::run_session(session);
  if (outcome) outcome->attempt = std::move(attempt);
  return outcome;
}

}  // namespace probebench::session
