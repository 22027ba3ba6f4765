// SPDX-License-Identifier: MIT
// A native run on another machine, over ssh: agent, plan and the module's source go there, the module is
// built there, records come back line by line, and nothing stays.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "base/file.h"
#include "kernels/progress.h"
#include "vm/vm_target.h"

namespace probebench::remote {

// What the other machine says about itself, and others shall not read.
struct RemoteSecrets {
  std::string kallsyms;
  std::string host_name;
  std::string command_line;
};

// What runs there, below the project's root.
inline constexpr const char* kScript = "harness/host/remote/on_other_machine.sh";

struct RemoteRequest {
  std::string destination;  // see ssh_destination()
  fs::path agent;
  fs::path kmod_dir;  // sources of the module
  fs::path script;    // on_other_machine.sh
  fs::path agent_log;
  std::string cpu_list;  // which CPUs may be measured; empty: all
  bool load_module = false;
  bool tell_secrets = true;
  std::chrono::seconds silence_deadline{60};
  std::chrono::seconds run_deadline{3600};
};

// Called before the first record.
using OnSecrets = std::function<void(RemoteSecrets)>;

// Runs the plan to its end. A connection that is lost is an outcome; Error is for a host that is not reached,
// or cannot be measured, or a request to stop. The agent there ends by itself when we do.
Result<vm::VmOutcome> run_over_ssh(const RemoteRequest& request, const vm::VmEvents& events,
                                   const OnSecrets& on_secrets, kernels::Progress& progress);

// The agent with the libraries that it loads, which it finds beside itself in the directory it is started
// from; the module's sources, and the plan.
Result<std::string> carried_archive(const RemoteRequest& request, const std::string& plan_json);

}  // namespace probebench::remote
