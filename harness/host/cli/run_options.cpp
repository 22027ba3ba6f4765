// SPDX-License-Identifier: MIT
#include "cli/run_options.h"

#include <CLI/CLI.hpp>

#include "cli/options.h"

namespace probebench {
namespace {

constexpr unsigned kMaxJobs = 1024;

}  // namespace

void add_kernel_options(CLI::App& app, Options& options) {
  app.add_option("--kernel", options.kernels, "auto, stock, 5.10, 6.1, 6.12, newest, all or a path")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--headers", options.headers, "build directory for a vmlinuz given by path")
      ->type_name("DIR");
  app.add_option("--kernels-file", options.kernels_file, "names kernels as ci/kernels.toml does")
      ->type_name("FILE");
  app.add_option("--accel", options.accel, "auto, kvm or tcg [auto: kvm if it can boot]")
      ->check(CLI::IsMember({"auto", "kvm", "tcg"}).description(""))
      ->type_name("WHAT");
  app.add_flag("--refresh", options.refresh, "look for newer kernel packages first");
  app.add_flag("--quiet", options.quiet, "no progress, no notes");
}

void add_plan_options(CLI::App& app, PlanOptions& plan) {
  app.add_option("--probe-type", plan.probe_types, "types or groups, comma-separated [all]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--handler", plan.handlers, "on a hit: nop, count, .., delay:NS, all [nop]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--threads", plan.threads, "numbers of callers at once, where CPUs are real [1]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--rounds", plan.rounds, "paired rounds per cell [3; 20 when timing]")->type_name("N");
  app.add_option("--seed", plan.seed, "seed of the rounds' random order [1]")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("N");
}

void add_target_options(CLI::App& app, Options& options) {
  app.add_option("--kernel-arg", options.kernel_args, "measure again with ARGS added to the boot line")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("ARGS");
  app.add_option("--jobs", options.jobs, "machines at once when counting [CPUs]; 1 when timing")
      ->check(CLI::Range(1U, kMaxJobs).description(""))
      ->type_name("N");
  app.add_option("--clock", options.clock, "instructions (tcg) or tsc [what accel allows]")
      ->check(CLI::IsMember({"auto", "instructions", "tsc"}).description(""))
      ->type_name("WHAT");
  app.add_option("--target", options.target, "vm, or native: the running kernel [auto: vm]")
      ->check(CLI::IsMember({"auto", "vm", "native"}).description(""))
      ->type_name("WHAT");
}

void add_run_options(CLI::App& app, Options& options) {
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  add_target_options(app, options);
  app.add_flag("--tune", options.tune, "native: quieter settings until the run is over");
  app.add_flag("--strict", options.strict, "native: refuse an unfit machine (exit 5)");
  app.add_flag("--force-cleanup", options.force_cleanup, "put back what a killed --tune left, then exit");
  app.add_option("--output", options.output, "put the run's files here [results/<run>]")->type_name("DIR");
  app.add_option("--json", options.json, "copy results.json to FILE; - for stdout only")->type_name("FILE");
  app.add_flag("--dry-run", options.dry_run, "print the plan and the target, boot nothing");
  // Not in the help, which has to fit one screen: `gate` needs it, a person may live with one target more.
  app.add_flag("--no-plain", options.no_plain)->group("");
}

}  // namespace probebench
