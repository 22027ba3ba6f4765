// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "anatomy/anatomy_json.h"
#include "base/file.h"
#include "cli/measuring.h"
#include "text/anatomy_text.h"
#include "text/table.h"
#include "text/text.h"

namespace probebench::cli {
namespace {

constexpr std::size_t kCompared = 2;

constexpr const char* kAnatomyFooter =
    "\nRecords the path of one warm hit under emulation, and checks it against the count.\n"
    "\nExamples:\n"
    "  ./run-bench anatomy --probe-type kprobe-stepped,kprobe-optimized\n"
    "  ./run-bench anatomy --probe-type kretprobe-ftrace --kernel 6.1,6.12 --diff\n";

struct AnatomyOptions : MeasuringOptions {
  std::string format = "text";  // text, json, folded
  bool diff = false;            // two paths side by side
};

std::string paths_text(const AnatomyOptions& options, const std::vector<anatomy::Anatomy>& anatomies) {
  const bool compare = options.diff && anatomies.size() == kCompared;
  if (options.format == "folded") return anatomy::folded(anatomies);
  if (options.format == "json") {
    return compare ? anatomy::write_difference(anatomies[0], anatomies[1])
                   : anatomy::write_anatomies(anatomies);
  }
  return compare ? text::difference_text(anatomies[0], anatomies[1]) : text::anatomy_text(anatomies);
}

// A cell without a path is never silently absent; one that failed is told of anyhow.
std::string skipped_text(const RunRecord& record) {
  std::string text;
  for (const auto& cell : record.cells) {
    const auto& result = cell.result;
    if (result.status != CellStatus::skipped) continue;
    const auto needs = result.provided_by.empty() ? "" : fmt::format(" (needs {})", result.provided_by);
    text += text::wrapped(
        "skipped ", fmt::format("{} on {}: {}{}", result.cell.name(), cell.target, result.reason, needs), 2);
  }
  return text;
}

// What could not be compared is shown all the same.
void note_missing(const AnatomyOptions& options, const std::vector<anatomy::Anatomy>& anatomies,
                  CommandResult& result) {
  if (!options.diff || anatomies.size() == kCompared) return;
  result.problem +=
      fmt::format("--diff: {} of the two paths was recorded\n", anatomies.empty() ? "none" : "only one");
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::nothing_measured;
}

// What is to be compared are two of the planned cells on all targets.
Status check_comparison(const AnatomyOptions& options, const session::RunRequest& request) {
  if (!options.diff) return Done{};
  const auto preview = TRY(session::preview_of(request));
  const auto paths = preview.plan.cells.size() * preview.targets.size();
  if (paths == kCompared) return Done{};
  return Error{Fault::usage,
               fmt::format("--diff compares two cells, and {} asked for",
                           paths == 1 ? "1 is" : fmt::format("{} are", paths)),
               0, "name two probe types, or one on two kernels; --dry-run lists the cells"};
}

void add_options(CLI::App& app, AnatomyOptions& options) {
  options.plan.probe_types.clear();  // a path of everything is nothing to read
  add_plan_options(app, options.plan);
  app.get_option("--probe-type")->description("types or groups, comma-separated");
  add_kernel_options(app, options);
  add_arch_option(app, options);
  app.add_option("--format", options.format, "text, json or folded (stacks for flame graphs)")
      ->check(CLI::IsMember({"text", "json", "folded"}).description(""))
      ->type_name("WHAT");
  // Other commands have it: who tries it here shall read why not.
  app.add_option("--target", options.target)->group("");
  app.add_flag("--diff", options.diff, "two paths by function instead: two types, or two kernels");
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the cells and the targets, boot nothing");
  app.footer(kAnatomyFooter);
}

Status take_options(Arguments passed, AnatomyOptions& options) {
  if (options.target != "auto" && options.target != "vm") {
    return Error{
        Fault::usage,
        fmt::format("anatomy: --target {}: a path is recorded instruction by instruction, in emulation; a "
                    "kernel that runs cannot be single-stepped through its own trap handlers",
                    options.target),
        0, "the same kernel emulated: --kernel /boot/vmlinuz-$(uname -r)"};
  }
  if (options.accel == "auto") options.accel = "tcg";
  TRY(check_measuring(options));
  TRY(take_benchmark_flags(std::move(passed), options));
  if (options.plan.probe_types.empty()) {
    return Error{Fault::usage, "anatomy: --probe-type is missing", 0,
                 "for example --probe-type kprobe-stepped"};
  }
  if (options.accel == "kvm") {
    return Error{Fault::usage, "--accel kvm: a path is recorded under emulation", 0, "leave it out"};
  }
  if (!options.diff || options.format != "folded") return Done{};
  return Error{Fault::usage, "--diff --format folded: a difference has no stacks", 0, "use text or json"};
}

void show_anatomy(const AnatomyOptions& options, const session::RunOutcome& outcome, CommandResult& result) {
  const auto anatomies = outcome.anatomies();
  result.output = paths_text(options, anatomies);
  if (options.format == "text") {
    const auto skipped = skipped_text(outcome.record);
    if (!skipped.empty() && !result.output.empty()) result.output += "\n";
    result.output += skipped;
  }
  result.problem += text::failed_cells(outcome.record);
  note_missing(options, anatomies, result);
  if (!outcome.directory) return;
  const auto written =
      write_file_atomic(outcome.directory->anatomy_path(), anatomy::write_anatomies(anatomies));
  if (!written) result.add_problem(written.error());
}

Result<CommandResult> perform(const AnatomyOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  request.records_paths = true;
  TRY(check_comparison(options, request));
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_anatomy(options, outcome, result); });
}

}  // namespace

Subcommand add_anatomy(CLI::App& app) {
  return subcommand<AnatomyOptions>(app.add_subcommand("anatomy", "where every instruction of one hit goes"));
}

}  // namespace probebench::cli
