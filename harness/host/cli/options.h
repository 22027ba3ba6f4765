// SPDX-License-Identifier: MIT
// The command line, parsed and checked; nothing is looked up on the machine here.
#pragma once

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cli/gate_options.h"
#include "cli/predict_options.h"
#include "cli/reproduce_options.h"
#include "plan/plan_options.h"
#include "vm/guest_program.h"

namespace probebench {

enum class Action { run, list, info, anatomy, reproduce, predict, compare, gate, baseline_update };

struct Options {
  Action action = Action::run;
  PlanOptions plan;
  std::string kernels = "auto";          // comma-separated names and paths, see target/kernel_catalog.h
  std::filesystem::path kernels_file;    // another catalog; empty: the project's
  std::filesystem::path headers;         // build directory that goes with the one path
  std::vector<std::string> kernel_args;  // each makes one more target of every kernel
  bool no_plain = false;                 // with kernel_args: not the kernel as it is
  unsigned jobs = 0;                     // machines at once; 0: as many as there are CPUs
  std::string accel = "auto";            // auto, kvm, tcg
  std::string clock = "auto";            // auto, instructions, tsc
  std::string target = "auto";           // auto, vm, native
  bool dry_run = false;
  bool tune = false;           // native: change settings until the run is over
  bool strict = false;         // native: an unfit machine is not measured
  bool force_cleanup = false;  // only put back what a killed run left
  bool quiet = false;
  bool refresh = false;                 // look for newer kernel packages
  std::string format = "text";          // anatomy: text, json, folded
  bool diff = false;                    // anatomy: two paths side by side
  bool json_list = false;               // list and info
  std::filesystem::path output;         // empty: results/<run>
  std::string json;                     // where results.json is copied to; "-" is stdout, empty: nowhere
  std::filesystem::path benchmark_out;  // where benchmark.json is copied to; empty: nowhere
  ReproduceOptions reproduce;
  PredictOptions predict;
  std::vector<GuestProgram> programs;  // carried into a virtual machine
  GateOptions gate;                    // compare, gate, baseline update
};

// What --help and --version print.
struct HelpText {
  std::string text;
};

// `arguments` without the program's name; what follows "--" goes to Google Benchmark. Errors are usage
// errors.
Result<std::variant<Options, HelpText>> parse_options(std::vector<std::string> arguments);

}  // namespace probebench
