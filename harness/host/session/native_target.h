// SPDX-License-Identifier: MIT
// The native target: the running kernel, measured by our agent as a child process. Nothing is loaded or
// mounted for others to see; what the kernel does not give is skipped by the agent.
#pragma once

#include "vm/vm_target.h"

namespace probebench::session {

struct NativeRequest {
  fs::path agent;
  fs::path agent_log;  // the agent's messages go here
  std::chrono::seconds silence_deadline{60};
  std::chrono::seconds run_deadline{3600};
};

// Runs the plan to its end. The clock is the TSC. An agent that fails is an outcome; Error is for one that
// cannot be started, or a request to stop: the agent is then told to detach everything and waited for.
Result<vm::VmOutcome> run_native(const NativeRequest& request, const vm::VmEvents& events);

}  // namespace probebench::session
