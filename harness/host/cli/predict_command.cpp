// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "cli/measuring.h"
#include "cli/predict_options.h"
#include "reproduce/command_prediction_json.h"
#include "text/prediction_text.h"
#include "vm/guest_programs.h"

namespace probebench::cli {
namespace {

constexpr std::uint32_t kBootPatienceS = 10;

// The file of a uprobe is the command's own: the guest has no other.
Status take_files(const vm::GuestProgram& program, PredictPlan& plan) {
  for (auto& site : plan.sites) {
    if (place_kind(site.probe_type) != PlaceKind::file) continue;
    const auto plus = site.place.rfind('+');
    std::error_code failure;
    if (!fs::equivalent(site.place.substr(0, plus), program.source, failure)) {
      return Error{Fault::usage,
                   "--probe " + site.place + ": the virtual machine has no file but the command", 0,
                   "probe " + program.source.string() + ", or use --target native"};
    }
    site.place = "/" + program.place + site.place.substr(plus);
  }
  return Done{};
}

Status take_program(session::RunRequest& request) {
  auto& command = request.plan.experiment.predict.command;
  if (request.targets.native) {
    if (vm::program_on_path(command.front())) return Done{};
    return Error{Fault::usage, "find the command '" + command.front() + "': there is no such program", 0,
                 "name a program on PATH, or its path"};
  }
  auto program = vm::users_program(command.front());
  if (!program) return program.error();
  command.front() = "/" + program->place;
  if (auto status = take_files(*program, request.plan.experiment.predict); !status) return status;
  request.programs.push_back(std::move(*program));
  return Done{};
}

std::string failure_of(const reproduce::CommandPrediction& prediction) {
  if (prediction.told.status == CellStatus::errored) return prediction.told.reason + "\n";
  std::string text;
  for (const auto& site : prediction.sites) {
    if (site.told.status == CellStatus::errored) text += site.told.reason + "\n";
  }
  return text;
}

struct Answers {
  std::vector<std::pair<std::string, reproduce::CommandPrediction>> predictions;  // by the target's id
  std::string text;
};

Answers answers_of(const session::RunOutcome& outcome, std::string& problem) {
  Answers answers;
  for (const auto& page : outcome.pages) {
    if (page.experiments.predictions.empty() && !page.target->ended.empty()) {
      problem += "no answer: the guest ended during " + page.target->in_flight.value_or("its start") +
                 "; a command that takes long needs a longer --timeout\n";
    }
    for (const auto& counts : page.experiments.predictions) {
      const auto prediction = reproduce::prediction_of(counts, page.cells);
      answers.predictions.emplace_back(page.target->info.id, prediction);
      answers.text += text::prediction_text(page.target->info, prediction);
      problem += failure_of(prediction);
    }
  }
  return answers;
}

void show_prediction(const session::RunOutcome& outcome, const Arguments& line, CommandResult& result) {
  const auto answers = answers_of(outcome, result.problem);
  result.output = answers.predictions.empty() ? table_of(outcome) : answers.text;
  if (answers.predictions.empty() || !outcome.directory) return;
  const auto written = write_file_atomic(outcome.directory->predict_path(),
                                         reproduce::write_predictions(answers.predictions, line));
  if (!written) result.add_problem(written.error());
}

}  // namespace

Result<CommandResult> perform(const PredictOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  // The guest's clock may run slower than this machine's: a command that never ends is a guest that says
  // nothing.
  const std::chrono::seconds patience(request.plan.experiment.predict.timeout_s + kBootPatienceS);
  request.silence_deadline = std::max(request.silence_deadline, patience);
  if (auto status = take_program(request); !status) return status.error();
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_prediction(outcome, line, result); });
}

Subcommand add_predict(CLI::App& app) {
  return subcommand<PredictOptions>(
      app.add_subcommand("predict", "what probes would cost a command, before they are attached"));
}

}  // namespace probebench::cli
