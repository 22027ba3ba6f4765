// SPDX-License-Identifier: MIT
#include "cli/reproduce_command.h"

#include <array>

#include "base/file.h"
#include "cli/run_command.h"
#include "plan/suite_file.h"
#include "reproduce/reproduction_json.h"
#include "session/project_paths.h"
#include "text/reproduce_text.h"
#include "vm/guest_programs.h"

namespace probebench {
namespace {

constexpr std::array kMechanisms{SuiteMechanism::stepped, SuiteMechanism::unoptimized,
                                 SuiteMechanism::optimized, SuiteMechanism::ftrace, SuiteMechanism::fentry};

Status take_suites(Options& options) {
  const auto project = find_project();
  if (!project) return project.error();
  auto all = load_suites(project->root / "suites");
  if (!all) return all.error();
  auto suites = choose_suites(std::move(*all), options.reproduce.suites, options.reproduce.workloads);
  if (!suites) return suites.error();
  auto& plan = options.plan.experiment.workloads;
  if (!plan.command.empty()) add_command(*suites);
  plan.suites = std::move(*suites);
  plan.mechanisms.assign(kMechanisms.begin(), kMechanisms.end());
  return Done{};
}

// What the agent starts has to be in the guest, which has no files but those that it is given.
Status take_programs(Options& options) {
  if (auto program = assembler()) options.programs.push_back(*std::move(program));
  auto& command = options.plan.experiment.workloads.command;
  if (command.empty()) return Done{};
  auto program = users_program(command.front());
  if (!program) return program.error();
  command.front() = "/" + program->place;
  options.programs.push_back(std::move(*program));
  return Done{};
}

}  // namespace

Result<CommandResult> reproduce_command(Options options, const std::vector<std::string>& command) {
  if (options.reproduce.runs_workloads) {
    if (auto status = take_suites(options); !status) return status.error();
    if (options.target != "native") {
      if (auto status = take_programs(options); !status) return status.error();
    }
  }
  return run_command_line(options, command);
}

CommandResult with_reproduction(const RunBook& book, CommandResult result) {
  std::vector<Reproduction> targets;
  for (auto& page : book.pages()) {
    targets.push_back(reproduction_of(*page.target, page.cells, std::move(page.experiments)));
  }
  if (targets.empty()) return result;
  result.output = reproduction_text(targets);
  const auto written = write_file_atomic(book.directory().reproduce_path(),
                                         write_reproductions(targets, book.record().command));
  if (written) return result;
  result.problem += written.error().message() + "\n";
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::cell_failed;
  return result;
}

}  // namespace probebench
