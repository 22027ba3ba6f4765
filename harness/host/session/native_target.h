// SPDX-License-Identifier: MIT
// The native target: the running kernel, measured by our agent as a child process. Nothing is loaded or
// mounted for others to see; what the kernel does not give is skipped by the agent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "model/arch.h"
#include "session/native_lock.h"
#include "session/project_paths.h"
#include "session/run_request.h"
#include "session/run_watch.h"
#include "session/tuning.h"
#include "vm/vm_target.h"

namespace probebench::session {

// What is done to the running machine before it is measured: leftovers put back, its fitness checked, and,
// when asked for, its settings changed until the run is over.

struct NativeSetup {
  Tuning tuning;                   // restores when it goes
  std::vector<std::string> unfit;  // under --strict: why nothing may be measured
  UniqueFd awake;                  // while it is open no CPU sleeps deeply (--tune)
  std::optional<NativeLock> lock;  // no other run measures this machine meanwhile
  std::optional<RunWatch> watch;   // begun just before the run
};

// Where a running kernel was never measured on hardware; empty: it was.
std::string native_warning(ArchId arch);

// Notes what an earlier run left and everything about the machine that is not as wanted.
Result<NativeSetup> set_up_native(const RunRequest& request, const ProjectPaths& project,
                                  kernels::Progress& progress);

// Puts back what a killed run left, the helper module included, and nothing else. Returns one line for each.
Result<std::vector<std::string>> put_back_leftovers(const ProjectPaths& project);

// The helper module for the running kernel.
struct NativeModule {
  fs::path file;      // empty: it is not to be loaded
  std::string why;    // there is none
  std::string needs;  // what would give it
};

// Whether cells of the plan would be measured by the helper module, which is not loaded here.
bool lacks_module(const Plan& plan);
// What loading it does to the machine, said before it is done.
std::string module_warning();
// Builds it, if the run may load it. Error is for a request to stop.
Result<NativeModule> native_module(const RunRequest& request, const ProjectPaths& project,
                                   kernels::Progress& progress);

struct NativeRequest {
  fs::path agent;
  NativeModule module;
  std::string cpu_list;  // see QuietCpu of the agent; empty: any
  fs::path agent_log;    // the agent's messages go here
  std::chrono::seconds silence_deadline{60};
  std::chrono::seconds run_deadline{3600};
};

// Runs the plan to its end. The clock is the TSC. An agent that fails is an outcome; Error is for one that
// cannot be started, or a request to stop: the agent is then told to detach everything and waited for.
Result<vm::VmOutcome> run_native(const NativeRequest& request, const vm::VmEvents& events);

}  // namespace probebench::session
