// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "base/process.h"
#include "cli/measuring.h"
#include "cli/tree_options.h"
#include "text/text.h"
#include "tree/config_axis.h"

namespace probebench::cli {
namespace {

constexpr std::chrono::hours kRunDeadline{4};

struct ConfigsOptions : TreeOptions {
  std::filesystem::path axis;
  bool build_only = false;
};

void add_options(CLI::App& app, ConfigsOptions& options) {
  app.add_option("--config-axis", options.axis, "the configurations, in TOML")->required()->type_name("FILE");
  add_tree_options(app, options);
  app.add_flag("--build-only", options.build_only, "measures nothing; with --work, for runs of their own");
  app.get_option("--tree")->description("the source of a kernel");
  app.footer(
      "\nFILE has [[config]] tables, each with a name and options on top of kernel-config's.\n"
      "\nExamples:\n"
      "  ./run-bench configs --tree ~/linux --config-axis preemption.toml\n"
      "  ./run-bench configs --tree ~/linux --config-axis preemption.toml --work ~/configs\n");
}

Status take_options(const Arguments& passed, const ConfigsOptions& options) {
  TRY(refuse_flags(passed));
  if (options.build_only && options.work.empty()) {
    return Error{Fault::usage, "--build-only: the kernels would go with the session's files", 0,
                 "add --work DIR"};
  }
  return check_tree(options);
}

std::string variants_text(const std::vector<tree::ConfigVariant>& variants,
                          const tree::BuiltVariants& built) {
  std::string text = "\nOn top of kernel-config:\n";
  for (const auto& variant : variants) {
    text += text::wrapped(fmt::format("  {}: ", variant.name),
                          fmt::format("{}", fmt::join(variant.options, ", ")), 4);
  }
  for (const auto& [variant, why] : built.failed) text += text::wrapped("", variant.name + ": " + why, 2);
  return text;
}

// A run of its own of all that were built, a column each.
Result<Finished> run_of(const tree::TreeRequest& request, const tree::BuiltVariants& built) {
  std::vector<std::string> kernels;
  for (const auto& directory : built.directories) kernels.push_back(directory.string() + "/");
  const auto side =
      TRY(gate::find_side_program("configurations", {.kernel = fmt::format("{}", fmt::join(kernels, ",")),
                                                     .build = request.program_build}));
  return run_command(gate::side_command(side, request.settings, request.directory / "run", {}),
                     std::chrono::seconds(kRunDeadline));
}

Result<CommandResult> perform(const ConfigsOptions& options, const Arguments&) {
  const auto variants = TRY(tree::load_config_axis(options.axis));
  return with_tree(options, [&](const auto& request, auto& progress) -> Result<CommandResult> {
    const auto work = options.work.empty() ? request.directory / "work" : options.work;
    const auto built = TRY(tree::build_variants(variants, options.tree, work, options.build, progress));
    if (built.directories.empty()) {
      return CommandResult{.exit_code = ExitCode::nothing_measured, .output = variants_text(variants, built)};
    }
    if (options.build_only) {
      return CommandResult{.exit_code = built.failed.empty() ? ExitCode::fine : ExitCode::cell_failed,
                           .output = variants_text(variants, built)};
    }
    progress.step("measuring them");
    const auto done = TRY(run_of(request, built));
    const bool all = built.failed.empty() || done.exit_code != 0;
    return CommandResult{.exit_code = all ? static_cast<ExitCode>(done.exit_code) : ExitCode::cell_failed,
                         .output = done.output + variants_text(variants, built)};
  });
}

}  // namespace

Subcommand add_configs(CLI::App& app) {
  return subcommand<ConfigsOptions>(
      app.add_subcommand("configs", "one source in several configurations, side by side"));
}

}  // namespace probebench::cli
