// SPDX-License-Identifier: MIT
#include "cli/run_options.h"

#include <CLI/CLI.hpp>

namespace probebench::cli {
namespace {

constexpr const char* kRunFooter =
    "Everything after -- goes to Google Benchmark: -- --benchmark_filter=mid/nop\n"
    "Exit: 0 fine, 1 cell failed, 2 usage, 4 none measured, 5 unfit, 69 unavailable\n"
    "Example: ./run-bench --probe-type kmod --handler nop,count --kernel 5.10,newest\n";

}  // namespace

void add_options(CLI::App& app, RunOptions& options) {
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  add_target_options(app, options);
  app.add_flag("--tune", options.tune, "native: quieter settings until the run is over");
  app.add_flag("--strict", options.strict, "native: refuse an unfit machine (exit 5)");
  app.add_flag("--force-cleanup", options.force_cleanup, "put back what a killed --tune left, then exit");
  add_output_option(app, options.output);
  app.add_option("--json", options.json, "copy results.json to FILE; - for stdout only")->type_name("FILE");
  app.add_flag("--dry-run", options.dry_run, "print the plan and the target, boot nothing");
  // Not in the help, which has to fit one screen: `gate` needs it, a person may live with one target more.
  app.add_flag("--no-plain", options.no_plain)->group("");
  app.footer(kRunFooter);
}

Status take_options(Arguments passed, RunOptions& options) {
  if (auto status = check_measuring(options); !status) return status;
  if ((options.tune || options.strict) && options.target != "native") {
    return Error{Fault::usage, "--tune and --strict: only the running kernel is tuned and checked", 0,
                 "add --target native"};
  }
  return take_benchmark_flags(std::move(passed), options);
}

}  // namespace probebench::cli
