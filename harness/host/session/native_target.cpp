// SPDX-License-Identifier: MIT
#include "session/native_target.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "vm/vm_session.h"

namespace probebench {
namespace {

// A file without a name: a run that is killed leaves none behind. The child inherits the descriptor.
Result<UniqueFd> plan_file(const std::string& text) {
  UniqueFd file(::memfd_create("probebench-plan", 0));
  if (!file) return errno_error(Fault::infra, "memfd_create for the plan");
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return errno_error(Fault::infra, "write the plan");
  }
  return file;
}

}  // namespace

Result<VmOutcome> run_native(const NativeRequest& request, const VmEvents& events) {
  VmAttempt attempt;
  attempt.native = true;
  attempt.clock = ClockKind::tsc;
  const auto plan = plan_file(events.plan_json(attempt.clock));
  if (!plan) return plan.error();
  bool begun = false;
  VmSession session;
  session.command = {request.agent.string(), "--plan", fmt::format("/proc/self/fd/{}", plan->get())};
  session.guest_log = request.agent_log;
  session.first_line_deadline = request.silence_deadline;
  session.silence_deadline = request.silence_deadline;
  session.run_deadline = request.run_deadline;
  session.on_line = [&](std::string_view line) {
    if (!begun) events.on_start(attempt);
    begun = true;
    return events.on_line(line);
  };
  auto outcome = run_session(session);
  if (outcome) outcome->attempt = std::move(attempt);
  return outcome;
}

}  // namespace probebench
