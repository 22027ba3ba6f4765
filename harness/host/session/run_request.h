// SPDX-License-Identifier: MIT
// What a run is asked to do. Which command asks makes no difference to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernels/kernel_catalog.h"
#include "kernels/progress.h"
#include "model/arch.h"
#include "plan/plan_options.h"
#include "vm/guest_command.h"
#include "vm/vm_target.h"

namespace probebench::session {

// Told how far a run has come, by several threads. Who shows it decides how.
class RunProgress : public kernels::Progress {
 public:
  // So many cells and steps will come, of all targets together.
  virtual void plan(std::size_t cells) = 0;
  // So many more or fewer than planned.
  virtual void correct(std::ptrdiff_t cells) = 0;
  virtual void cell_begin(std::string_view name) = 0;
  virtual void cell_end() = 0;
  // The run is over: nothing of it stays on the terminal but the notes.
  virtual void clear() = 0;
};

// The machines that a run is asked for, in the order of its columns.

struct RequestedTarget {
  bool native = false;   // a running kernel
  std::string ssh = {};  // where it runs, as ssh is told; empty: here
  ArchId arch = ArchId::x86_64;
  std::string kernel = {};       // a name of the catalog, or a path
  std::string kernel_args = {};  // added to the guest's command line; empty: none
  std::string cpu = {};          // QEMU's model; empty: all that the accelerator can do

  // What sets its id and files apart from others of the same kernel: "+mitigations=off", "+cpu=EPYC-Milan";
  // spaces become '+'.
  std::string id_suffix() const;
  // What it is called while its release is not known: "6.1 mitigations=off".
  std::string title() const;
};

struct TargetChoice {
  bool any_native() const { return native || !ssh.empty(); }

  bool native = false;                        // the running kernel, and none that is booted
  std::vector<std::string> ssh = {};          // running kernels of other machines, as ssh is told
  std::string kernels = "auto";               // comma-separated names and paths, see kernels/kernel_catalog.h
  std::vector<std::string> kernel_args = {};  // each makes one more target of every kernel
  bool no_plain = false;                      // with kernel_args: not the kernel as it is
  std::vector<ArchId> archs = {ArchId::x86_64};  // each makes a target of every kernel
  std::string cpus = {};  // comma-separated models, each with its +feature and -feature
};

// Each kernel as it is, and again with each of the arguments; all of these with each CPU model. Errors are
// usage errors.
Result<std::vector<RequestedTarget>> requested_targets(const TargetChoice& choice,
                                                       const kernels::KernelCatalog& catalog);

// "max,-fsrm,EPYC" -> "max,-fsrm", "EPYC".
std::vector<std::string> cpu_models(const std::string& list);

// Machines at once: so many, or, of 0, as many as there are CPUs.
unsigned jobs_of(unsigned wanted);

// `text` as part of a file's name, whatever it is: other characters become '_', and a long text its beginning
// and a digest.
std::string file_label(const std::string& text);

struct RunRequest {
  plan::PlanOptions plan;  // made anew for the clock of each target
  TargetChoice targets;
  std::filesystem::path kernels_file;  // another catalog; empty: the project's
  std::filesystem::path kernel_cache;  // where packages of kernels are kept; empty: the cache
  std::filesystem::path headers;       // build directory that goes with the one kernel that is a path
  bool refresh = false;                // look for newer kernel packages
  bool fresh_boot = false;             // no guest that was booted before
  vm::Accel accel = vm::Accel::automatic;
  vm::ClockWish clock = vm::ClockWish::automatic;
  unsigned jobs = 0;                          // machines at once; 0: as many as there are CPUs
  std::optional<std::uint64_t> deal_seed;     // deals cells to guests at random; absent: the longest first
  std::chrono::seconds silence_deadline{60};  // a guest that says nothing for so long hangs
  bool deadline_given = false;                // the user chose it
  bool records_paths = false;                 // of one hit of each cell; emulation only
  std::vector<vm::GuestProgram> programs;     // carried into a virtual machine
  std::vector<vm::GuestProgram> files;        // the same, without libraries
  std::filesystem::path users_module;         // carried too: a module, or its source; empty: none
  std::string cpu_list;                       // native, KVM: which CPUs may be measured; empty: all
  bool tune = false;                          // native: change settings until the run is over
  bool load_module = false;                   // native: the user agrees to the helper module
  std::string sign;                  // native: with which key it is signed, as modules/module_sign.h has it
  bool strict = false;               // native: an unfit machine is not measured
  bool keep_addresses = false;       // native: nothing is redacted
  std::filesystem::path output;      // empty: a new directory below the project's results
  std::string tool_version;          // for the record
  std::vector<std::string> command;  // the command line, for the record
};

// What the command needs goes into the guest; returns what is started there.
std::vector<std::string> hand_over(vm::GuestCommand command, RunRequest& request);

// What a request comes to before anything boots.
struct RunPreview {
  Plan plan;  // for the likely clock; for another, only its number of rounds can differ
  std::vector<RequestedTarget> targets;

  bool several() const { return targets.size() > 1; }
};

// Errors are usage errors, or a project or a catalog that cannot be read.
Result<RunPreview> preview_of(const RunRequest& request);

}  // namespace probebench::session
