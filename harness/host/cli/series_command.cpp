// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/measuring.h"
#include "cli/tree_options.h"
#include "text/tree_text.h"
#include "tree/series.h"

namespace probebench::cli {
namespace {

struct SeriesOptions : TreeOptions {
  std::string range;
  std::string control;
};

void add_options(CLI::App& app, SeriesOptions& options) {
  app.add_option("RANGE", options.range, "BASE..HEAD: the base and each commit after it")
      ->required()
      ->type_name("");
  app.add_option("--control", options.control, "padded: marks what layout alone moves")
      ->check(CLI::IsMember({"padded"}).description(""))
      ->type_name("WHAT");
  add_tree_options(app, options);
  app.footer(
      "\nExamples:\n"
      "  ./run-bench series --tree ~/linux v6.12..my-series --probe-type kmod\n"
      "  ./run-bench series --tree ~/linux HEAD~3..HEAD --probe-type fentry --work ~/builds\n");
}

Status take_options(const Arguments& passed, const SeriesOptions& options) {
  TRY(refuse_flags(passed));
  const auto dots = options.range.find("..");
  if (dots == std::string::npos || dots == 0 || options.range.find("...") != std::string::npos) {
    return Error{Fault::usage, fmt::format("series '{}': expected BASE..HEAD", options.range), 0,
                 "two commits of --tree"};
  }
  return check_tree(options);
}

Result<CommandResult> perform(const SeriesOptions& options, const Arguments&) {
  return with_tree(options, [&](const auto& request, auto& progress) -> Result<CommandResult> {
    const auto series = TRY(tree::measure_series(request, options.range, !options.control.empty(), progress));
    return CommandResult{
        .exit_code = series.measured.size() > 1 ? ExitCode::fine : ExitCode::nothing_measured,
        .output = text::series_text(series)};
  });
}

}  // namespace

Subcommand add_series(CLI::App& app) {
  return subcommand<SeriesOptions>(
      app.add_subcommand("series", "what each commit of a series does to costs"));
}

}  // namespace probebench::cli
