// SPDX-License-Identifier: MIT
#include "cli/run_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/process.h"
#include "cli/manual.h"
#include "cli/measuring.h"
#include "results/results_json.h"
#include "session/native_target.h"
#include "session/project_paths.h"
#include "text/run_formats.h"

namespace probebench::cli {
namespace {

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

constexpr const char* kRunFooter =
    "Exit: 0 fine, 1 cell failed, 2 usage, 4 none measured, 5 unfit, 69 unavailable\n"
    "Examples:\n"
    "  ./run-bench --probe-type kmod --handler nop,count --kernel 5.10,newest\n"
    "  ./run-bench -p fentry -- --benchmark_filter=nop  # flags of Google Benchmark";

Result<CommandResult> clean_up() {
  const auto project = TRY(session::find_project());
  const auto restored = TRY(session::put_back_leftovers(project));
  std::string text;
  for (const auto& one : restored) text += "put back: " + one + "\n";
  return CommandResult{.output = text.empty() ? "nothing was left behind\n" : text};
}

Status copy_results(const RunOptions& options, const RunRecord& record) {
  if (options.json.empty() || options.json == "-" || record.targets.empty()) return Done{};
  return write_output(options.json, results::write_results(record));
}

std::string formatted(const RunOptions& options, const session::RunOutcome& outcome) {
  const auto& record = outcome.record;
  if (record.targets.empty()) return {};
  if (options.format == "json" || options.json == "-") return results::write_results(record);
  if (options.format == "csv") return text::run_csv(record);
  return options.format == "markdown" ? text::run_markdown(record) : table_of(outcome);
}

void show_run(const RunOptions& options, const session::RunOutcome& outcome, CommandResult& result,
              session::RunProgress& progress) {
  const auto& record = outcome.record;
  result.output = formatted(options, outcome);
  if (const auto copied = copy_results(options, record); !copied) result.add_problem(copied.error());
  if (record.cells.empty() || result.exit_code == ExitCode::interrupted) return;
  const auto project = session::find_project();
  if (!project || !outcome.directory || !ends_with_report(options.plan.probe_types, options.quiet)) return;
  progress.note(write_run_report(project->root, outcome.directory->path()));
}

}  // namespace

Status check_copy(const char* option, const std::filesystem::path& path) {
  if (path.empty() || path == "-") return Done{};
  const auto good = check_output(path);
  if (good) return Done{};
  return Error{Fault::usage, fmt::format("{} {}: cannot be written", option, path.string()), good.error().err,
               "name a file in a folder that exists and that you may write to"};
}

bool ends_with_report(const std::string& probe_types, bool quiet) {
  return probe_types == "all" && !quiet;
}

std::string write_run_report(const std::filesystem::path& project_root,
                             const std::filesystem::path& run_directory, std::chrono::seconds deadline) {
  const auto command = python_command(project_root, {"report", run_directory.string()});
  const auto finished = run_command(command, deadline);
  if (!finished) {
    return fmt::format("no report: {}; ./run-bench report {} writes it later", finished.error().message(),
                       run_directory.string());
  }
  const auto said = without_last_newline(finished->output);
  return finished->exit_code == 0 ? said : "no report: " + said;
}

void add_options(CLI::App& app, RunOptions& options) {
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  add_arch_option(app, options);
  add_target_options(app, options);
  app.add_flag("--tune", options.tune, "native: quieter settings until the run is over");
  app.add_flag("--strict", options.strict, "native: refuse an unfit machine (exit 5)");
  app.add_flag("--force-cleanup", options.force_cleanup, "put back what a killed --tune left, then exit");
  add_output_option(app, options.output);
  app.add_option("--json", options.json, "copy results.json to FILE; - for stdout only")->type_name("FILE");
  app.add_option("--format", options.format, "table, markdown, json or csv [table]")
      ->check(CLI::IsMember({"table", "markdown", "json", "csv"}).description(""))
      ->type_name("WHAT");
  app.add_flag("--dry-run", options.dry_run, "print the plan and the target, boot nothing");
  // Not in the help, which has to fit one screen: `gate` needs it, a person may live with one target more.
  app.add_flag("--no-plain", options.no_plain)->group("");
  app.footer(kRunFooter);
}

Status take_options(Arguments passed, RunOptions& options) {
  TRY(check_measuring(options));
  if (options.json == "-" && options.format != "table" && options.format != "json") {
    return Error{Fault::usage,
                 fmt::format("--json -: standard output is asked for --format {}", options.format), 0,
                 "leave one of them out"};
  }
  if ((options.tune || options.strict) && options.target != "native") {
    return Error{Fault::usage, "--tune and --strict: only this machine's running kernel is tuned and checked",
                 0, "--target native, alone"};
  }
  return take_benchmark_flags(std::move(passed), options);
}

Result<CommandResult> perform(const RunOptions& options, const Arguments& line) {
  if (options.force_cleanup) return clean_up();
  TRY(check_copy("--json", options.json));
  auto request = request_for(options, line);
  request.tune = options.tune;
  request.strict = options.strict;
  return measure(options, request, [&](const auto& outcome, auto& result, auto& progress) {
    show_run(options, outcome, result, progress);
  });
}

Subcommand add_run(CLI::App& app) {
  return subcommand<RunOptions>(&app);
}

}  // namespace probebench::cli
