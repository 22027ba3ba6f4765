// SPDX-License-Identifier: MIT
#include "base/output.h"
#include "cli/measuring.h"
#include "cli/run_options.h"
#include "cli/run_report.h"
#include "results/results_json.h"
#include "session/native_setup.h"
#include "session/project_paths.h"

namespace probebench::cli {
namespace {

Result<CommandResult> clean_up() {
  const auto project = session::find_project();
  if (!project) return project.error();
  const auto restored = session::put_back_leftovers(*project);
  if (!restored) return restored.error();
  std::string text;
  for (const auto& one : *restored) text += "put back: " + one + "\n";
  return CommandResult{.output = text.empty() ? "nothing was left behind\n" : text};
}

Status copy_results(const RunOptions& options, const RunRecord& record) {
  if (options.json.empty() || options.json == "-" || record.targets.empty()) return Done{};
  return write_output(options.json, results::write_results(record));
}

void show_run(const RunOptions& options, const session::RunOutcome& outcome, CommandResult& result,
              session::RunProgress& progress) {
  const auto& record = outcome.record;
  const bool as_json = options.json == "-" && !record.targets.empty();
  result.output = as_json ? results::write_results(record) : table_of(outcome);
  if (const auto copied = copy_results(options, record); !copied) result.add_problem(copied.error());
  if (record.cells.empty() || result.exit_code == ExitCode::interrupted) return;
  const auto project = session::find_project();
  if (!project || !outcome.directory || !ends_with_report(options.plan.probe_types, options.quiet)) return;
  progress.note(write_run_report(project->root, outcome.directory->path()));
}

}  // namespace

Result<CommandResult> perform(const RunOptions& options, const Arguments& line) {
  if (options.force_cleanup) return clean_up();
  if (auto status = check_copy("--json", options.json); !status) return status.error();
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
