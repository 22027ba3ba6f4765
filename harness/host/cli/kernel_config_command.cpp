// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>

#include "cli/measuring.h"
#include "tree/kernel_options.h"

namespace probebench::cli {
namespace {

struct KernelConfigOptions {};

void add_options(CLI::App& app, KernelConfigOptions&) {
  app.footer(
      "\nWhat an existing kernel lacks of it, and what that costs: ./run-bench info --kernel TREE/\n"
      "\nExamples:\n"
      "  ./run-bench kernel-config > probe.config\n"
      "  ./run-bench kernel-config >> .config && make olddefconfig\n");
}

Status take_options(const Arguments& passed, KernelConfigOptions&) {
  return refuse_flags(passed);
}

Result<CommandResult> perform(const KernelConfigOptions&, const Arguments&) {
  return CommandResult{.output = tree::kernel_config_fragment()};
}

}  // namespace

Subcommand add_kernel_config(CLI::App& app) {
  return subcommand<KernelConfigOptions>(
      app.add_subcommand("kernel-config", "a configuration that has every probe type"));
}

}  // namespace probebench::cli
