// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <array>

#include "base/file.h"
#include "cli/measuring.h"
#include "cli/reproduce_options.h"
#include "plan/suite_file.h"
#include "reproduce/reproduction_json.h"
#include "session/project_paths.h"
#include "text/reproduce_text.h"
#include "vm/guest_programs.h"

namespace probebench::cli {
namespace {

// A step is a dozen workloads under one mechanism; on a busy machine that is minutes.
constexpr std::chrono::seconds kPatience{300};

constexpr std::array kMechanisms{SuiteMechanism::stepped, SuiteMechanism::unoptimized,
                                 SuiteMechanism::optimized, SuiteMechanism::ftrace, SuiteMechanism::fentry};

Status take_suites(const ReproduceOptions& options, WorkloadPlan& plan) {
  const auto project = session::find_project();
  if (!project) return project.error();
  auto all = plan::load_suites(project->root / "suites");
  if (!all) return all.error();
  auto suites = plan::choose_suites(std::move(*all), options.suites, options.workloads);
  if (!suites) return suites.error();
  if (!plan.command.empty()) plan::add_command(*suites);
  plan.suites = std::move(*suites);
  plan.mechanisms.assign(kMechanisms.begin(), kMechanisms.end());
  return Done{};
}

// What the agent starts has to be in the guest, which has no files but those that it is given.
Status take_programs(session::RunRequest& request) {
  if (auto program = vm::assembler()) request.programs.push_back(*std::move(program));
  auto& command = request.plan.experiment.workloads.command;
  if (command.empty()) return Done{};
  auto program = vm::users_program(command.front());
  if (!program) return program.error();
  command.front() = "/" + program->place;
  request.programs.push_back(std::move(*program));
  return Done{};
}

// An experiment that failed makes the run exit 1.
void show_reproduction(const session::RunOutcome& outcome, const Arguments& line, CommandResult& result) {
  std::vector<reproduce::Reproduction> targets;
  for (const auto& page : outcome.pages) {
    targets.push_back(reproduce::reproduction_of(*page.target, page.cells, page.experiments));
  }
  if (targets.empty() || !outcome.directory) return;
  result.output = text::reproduction_text(targets);
  const auto written =
      write_file_atomic(outcome.directory->reproduce_path(), reproduce::write_reproductions(targets, line));
  if (!written) result.add_problem(written.error());
}

}  // namespace

Result<CommandResult> perform(const ReproduceOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  request.silence_deadline = kPatience;
  if (options.runs_workloads) {
    auto status = take_suites(options, request.plan.experiment.workloads);
    if (status && options.target != "native") status = take_programs(request);
    if (!status) return status.error();
  }
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_reproduction(outcome, line, result); });
}

Subcommand add_reproduce(CLI::App& app) {
  return subcommand<ReproduceOptions>(
      app.add_subcommand("reproduce", "int3 against jump: who is right, and when"));
}

}  // namespace probebench::cli
