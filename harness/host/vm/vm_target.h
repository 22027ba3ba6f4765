// SPDX-License-Identifier: MIT
// The virtual machine target: a distribution kernel in QEMU whose PID 1 is our agent. Nothing is installed,
// no root is needed. Records come back line by line while the guest runs.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_store.h"
#include "model/cell.h"
#include "model/environment.h"
#include "vm/initramfs.h"
#include "vm/qemu.h"
#include "vm/run_slots.h"
#include "vm/vm_session.h"

namespace probebench::vm {

enum class Accel { automatic, kvm, tcg };

// What the user asked the clock to be. `tsc` under emulation is ClockKind::emulated_time.
enum class ClockWish { automatic, instructions, tsc };

struct VmRequest {
  kernels::KernelRequest kernel;
  Accel accel = Accel::automatic;
  ClockWish clock = ClockWish::automatic;
  std::string kernel_args;                  // appended to the guest's command line; empty: none
  std::string cpu;                          // a model of QEMU's, with its features; empty: all there is
  fs::path agent;                           // dynamic or static executable, becomes /init
  fs::path agent_root = {};                 // what its libraries are below; empty: this machine's own
  fs::path kmod_dir;                        // sources of probebench.ko
  fs::path guest_log;                       // the guest's console goes here
  std::vector<GuestProgram> programs = {};  // that the agent may start
  std::vector<GuestProgram> files = {};     // that it may read
  PathRecorder paths = {};                  // emulation only
  int memory_mb = 192;
  bool fresh_boot = true;  // else a guest that was booted before is restored
  unsigned cpus = 1;       // where they run in parallel; counting takes one
  std::string cpu_list;    // of this host's, for KVM; empty: isolated ones
  std::chrono::seconds kvm_hello_deadline{
      10};                                    // of silence before the first record under KVM: then emulation
  std::chrono::seconds silence_deadline{60};  // no record and no console output for so long: hung
  std::chrono::seconds run_deadline{1800};
};

// Everything that is ready before a VM starts.
struct PreparedVm {
  VmRequest request;
  kernels::Kernel kernel;
  fs::path module;  // empty: none can be built for this kernel
  fs::path cache;
  std::map<std::string, std::string> facts;  // kernel.*, module.*, compiler.*, qemu.version
};

struct VmEvents {
  // The text of /plan.json for a guest with this clock.
  std::function<std::string(ClockKind)> plan_json;
  // The guest has sent its first line: this attempt is the one that counts. Called once, before on_line.
  std::function<void(const VmAttempt&)> on_start;
  // A complete record line without its newline. Returns true when it was the last one (End).
  std::function<bool(std::string_view)> on_line;
  // Shared by the virtual machines that one run boots; null: this is the only one.
  RunSlots* slots = nullptr;
};

// Whether its guest will count instructions, whatever is tried first. Such guests of one kernel are alike.
bool counts_for_sure(const PreparedVm& vm);

// Kernel, module and QEMU: everything that can fail before the guest starts.
Result<PreparedVm> prepare_vm(const VmRequest& request, const kernels::TargetPaths& paths,
                              kernels::Progress& progress);

// Boots and drives the guest until it is done. A guest that fails is an outcome; Error is for a QEMU that
// cannot be started, KVM that was demanded and does not work, or a request to stop.
Result<VmOutcome> run_vm(const PreparedVm& vm, const VmEvents& events, kernels::Progress& progress);

}  // namespace probebench::vm
