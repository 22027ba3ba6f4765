// SPDX-License-Identifier: MIT
// What the commands that measure do alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "plan/plan_options.h"
#include "session/run.h"
#include "session/run_request.h"

namespace probebench::cli {

// Options that several subcommands take: what they hold, how they are spelled, and which go together.

// Which kernels, and how they are booted.
struct KernelOptions {
  std::string kernels = "auto";        // comma-separated names and paths, see kernels/kernel_catalog.h
  std::filesystem::path kernels_file;  // another catalog; empty: the project's
  std::filesystem::path kernel_cache;  // where packages are kept; empty: the cache
  std::filesystem::path headers;       // build directory that goes with the one path
  std::string accel = "auto";          // auto, kvm, tcg
  unsigned deadline_s = 0;             // of silence; 0: the default
  bool refresh = false;                // look for newer kernel packages
  bool fresh_boot = false;             // no guest that was booted before
  bool quiet = false;
};

// What measures has these, though it may not take each of them.
struct MeasuringOptions : KernelOptions {
  plan::PlanOptions plan;
  std::vector<std::string> kernel_args;    // each makes one more target of every kernel
  std::string archs = "x86-64";            // comma-separated
  bool no_plain = false;                   // with kernel_args: not the kernel as it is
  std::string cpus;                        // CPU models, comma-separated; empty: the default one
  unsigned jobs = 0;                       // machines at once; 0: as many as there are CPUs
  std::optional<std::uint64_t> deal_seed;  // cells to guests at random; absent: the longest first
  std::string clock = "auto";              // auto, instructions, tsc
  std::string target = "auto";             // auto, vm, or comma-separated native, ssh:HOST
  std::filesystem::path output;            // empty: results/<run>
  std::filesystem::path benchmark_out;     // where benchmark.json is copied to; empty: nowhere
  bool load_module = false;                // native: the helper module may be loaded
  std::string sign;                        // native: with which key it is signed first
  std::string cpu_list;                    // native, KVM: which CPUs may be measured; empty: all
  bool keep_addresses = false;             // native: nothing is redacted
  bool dry_run = false;
};

void add_plan_options(CLI::App& app, plan::PlanOptions& plan);
void add_kernel_options(CLI::App& app, KernelOptions& options);
// --kernels-file and --kernel-cache alone.
void add_kernel_source_options(CLI::App& app, KernelOptions& options);
// Which machines, and how many at once.
void add_target_options(CLI::App& app, MeasuringOptions& options);
// --arch alone.
void add_arch_option(CLI::App& app, MeasuringOptions& options);
// For a command that measures x86-64 alone: whoever asks for another hears `why`, a usage error.
void add_refused_arch_option(CLI::App& app, MeasuringOptions& options);
Status refuse_arch(const MeasuringOptions& options, const char* command, const char* why);
// --jobs alone.
void add_jobs_option(CLI::App& app, MeasuringOptions& options);
// --target alone.
void add_target_option(CLI::App& app, MeasuringOptions& options);
// What is for this machine's running kernel alone.
void add_native_options(CLI::App& app, MeasuringOptions& options);
// `what` is what goes there: a run or a session.
void add_output_option(CLI::App& app, std::filesystem::path& output, const std::string& what = "run");

// The running kernels, of this machine and of others, that --target names. Errors are usage errors.
Result<session::TargetChoice> running_kernels(const std::string& target);
// The command measures this machine's kernel, or a virtual one.
Status refuse_ssh(const MeasuringOptions& options, const char* command);

// Google Benchmark's flags, for commands that pass them on. Its file is written inside the target, where a
// path of the host means nothing, so it is copied.
Status take_benchmark_flags(Arguments passed, MeasuringOptions& options);

// Whether they go together. Errors are usage errors.
Status check_kernels(const KernelOptions& options);
Status check_measuring(const MeasuringOptions& options);

// What a run is asked, as far as these options say.
session::RunRequest request_for(const KernelOptions& options);
session::RunRequest request_for(const MeasuringOptions& options, const Arguments& line);

// Adds to what a command prints what it makes of a run; there may be more to note while it does.
using Show = std::function<void(const session::RunOutcome&, CommandResult&, session::RunProgress&)>;

// Before anything is measured: minutes later is late to learn that a name was wrong. Nothing is copied to ""
// and "-".
Status check_copy(const char* option, const std::filesystem::path& path);

// Asks whether the helper module may be loaded: only a person at a terminal, and only about rows that are
// planned.
session::RunRequest with_consent(const MeasuringOptions& options, session::RunRequest request,
                                 const session::RunPreview& preview);

// Runs `request` and shows what came of it; under --dry-run it shows what would be run.
Result<CommandResult> measure(const MeasuringOptions& options, const session::RunRequest& request,
                              const Show& show);

// Of all targets and cells that there are.
std::string table_of(const session::RunOutcome& outcome);

}  // namespace probebench::cli
