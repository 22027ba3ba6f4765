// SPDX-License-Identifier: MIT
#include "cli/anatomy_options.h"

#include <CLI/CLI.hpp>

#include "cli/options.h"
#include "cli/run_options.h"

namespace probebench {
namespace {

constexpr const char* kFooter =
    "\nRecords the path of one warm hit under emulation, and checks it against the count.\n"
    "\nExamples:\n"
    "  ./run-bench anatomy --probe-type kprobe-stepped,kprobe-optimized\n"
    "  ./run-bench anatomy --probe-type kretprobe-ftrace --kernel 6.1,6.12 --diff\n";

}  // namespace

CLI::App* add_anatomy_command(CLI::App& app, Options& options) {
  auto* anatomy = app.add_subcommand("anatomy", "where every instruction of one hit goes");
  add_plan_options(*anatomy, options.plan);
  anatomy->get_option("--probe-type")->description("types or groups, comma-separated");
  add_kernel_options(*anatomy, options);
  anatomy->add_option("--format", options.format, "text, json or folded (stacks for flame graphs)")
      ->check(CLI::IsMember({"text", "json", "folded"}).description(""))
      ->type_name("WHAT");
  anatomy->add_flag("--diff", options.diff, "two paths by function instead: two types, or two kernels");
  anatomy->add_option("--output", options.output, "put the run's files here [results/<run>]")
      ->type_name("DIR");
  anatomy->add_flag("--dry-run", options.dry_run, "print the cells and the targets, boot nothing");
  anatomy->footer(kFooter);
  return anatomy;
}

// Instructions are recorded under emulation only; a path of everything is nothing to read.
void take_anatomy(const CLI::App& anatomy, Options& options) {
  options.action = Action::anatomy;
  if (options.accel == "auto") options.accel = "tcg";
  if (anatomy.count("--probe-type") == 0) options.plan.probe_types.clear();
}

}  // namespace probebench
