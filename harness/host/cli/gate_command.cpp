// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>

#include "base/file.h"
#include "cli/gate_options.h"
#include "gate/compare.h"
#include "gate/gate_session.h"
#include "gate/limits.h"
#include "gate/session.h"
#include "gate/verdict.h"
#include "results/run_directory.h"
#include "session/project_paths.h"
#include "text/progress_bar.h"

namespace probebench::cli {
namespace {

// A head that no baseline fits: what would accept it.
void add_acceptance(gate::Report& report, const gate::Side& base, const gate::Side& head) {
  if (!base.is_baseline || report.verdict != gate::Verdict::incomparable) return;
  report.notes.push_back(fmt::format(
      "No baseline fits. To accept this run: ./run-bench baseline update {} --reason 'WHY'", head.source));
}

Result<gate::Session> session_in(const fs::path& directory) {
  const auto path = directory / gate::kSessionFile;
  const auto text = read_file(path);
  if (!text) {
    return Error{Fault::usage, fmt::format("{}: no {} in it", directory.string(), gate::kSessionFile), 0,
                 "pass two results, or the directory that gate --base and --head left"};
  }
  return gate::read_session(*text, path.string());
}

// A session's directory holds both sides.
Result<gate::MeasuredSides> sides_of_session(const ComparisonOptions& options) {
  const fs::path directory = options.a;
  auto session = session_in(directory);
  if (!session) return session.error();
  auto sides = find_sides(directory / "base", directory / "head", options);
  if (!sides) return sides.error();
  const gate::MatchRules rules{.may_differ = {}, .chosen = true, .any_handler = session->any_handler};
  return gate::MeasuredSides{std::move(sides->base), std::move(sides->head), rules, *std::move(session)};
}

Result<gate::MeasuredSides> sides_of_files(const ComparisonOptions& options) {
  auto sides = find_sides(options.a, options.b, options);
  if (!sides) return sides.error();
  auto rules = rules_for(options, sides->base, sides->head);
  return gate::MeasuredSides{std::move(sides->base), std::move(sides->head), std::move(rules), {}};
}

Result<results::RunDirectory> session_directory(const fs::path& output) {
  if (!output.empty()) return results::RunDirectory::create_at(output);
  const auto project = session::find_project();
  if (!project) return project.error();
  return results::RunDirectory::create_under(project->results, std::chrono::system_clock::now());
}

gate::SessionRequest request_of(const GateOptions& options, const gate::Limits& limits, fs::path directory) {
  return {.settings = {.plan = options.plan,
                       .kernels = options.kernels,
                       .headers = options.headers,
                       .kernels_file = options.kernels_file,
                       .accel = options.accel,
                       .target = options.target},
          .base = options.base,
          .head = options.head,
          .may_differ = options.comparison.may_differ,
          .limits = limits,
          .pairs = options.pairs,
          .confirms = !options.no_confirmation,
          .records_paths = !options.no_anatomy,
          .directory = std::move(directory)};
}

Result<CommandResult> judged(const GateOptions& options, const gate::MeasuredSides& sides,
                             const gate::Limits& limits) {
  const auto& [base, head, rules, session] = sides;
  const gate::JudgeRules judging{
      .limits = limits, .session = session ? &*session : nullptr, .mechanism_may_change = rules.chosen};
  auto report = gate::report_of(gate::judge(gate::compare(gate::match(base, head, rules)), judging));
  add_acceptance(report, base, head);
  return reported(options.comparison, base, head, std::move(report));
}

Result<CommandResult> measured(const GateOptions& options, const gate::Limits& limits) {
  const auto held = session_directory(options.output);
  if (!held) return held.error();
  const auto& directory = held->path();
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  const auto sides = gate::measure_sides(request_of(options, limits, directory), progress);
  auto result = sides ? judged(options, *sides, limits) : Result<CommandResult>(sides.error());
  progress.clear();
  std::error_code not_empty;
  if (!result) fs::remove(directory, not_empty);
  if (result) progress.note("session: " + directory.string());
  return result;
}

}  // namespace

// Limits first: a mistake in the file should not cost a session.
Result<CommandResult> perform(const GateOptions& options, const Arguments&) {
  const auto limits = options.limits.empty() ? gate::Limits() : gate::load_limits(options.limits);
  if (!limits) return limits.error();
  if (options.measures()) return measured(options, *limits);
  const auto& files = options.comparison;
  const auto sides = files.b.empty() ? sides_of_session(files) : sides_of_files(files);
  if (!sides) return sides.error();
  return judged(options, *sides, *limits);
}

Subcommand add_gate(CLI::App& app) {
  return subcommand<GateOptions>(app.add_subcommand("gate", "the same with a verdict and an exit code"));
}

}  // namespace probebench::cli
