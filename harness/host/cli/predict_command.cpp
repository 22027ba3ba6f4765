// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include "base/file.h"
#include "cli/run_command.h"
#include "reproduce/command_prediction_json.h"
#include "text/prediction_text.h"
#include "vm/guest_programs.h"

namespace probebench {
namespace {

// The file of a uprobe is the command's own: the guest has no other.
Status take_files(const GuestProgram& program, PredictPlan& plan) {
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

Status take_program(Options& options) {
  auto& command = options.plan.experiment.predict.command;
  if (options.target == "native") {
    if (program_on_path(command.front())) return Done{};
    return Error{Fault::usage, "find the command '" + command.front() + "': there is no such program", 0,
                 "name a program on PATH, or its path"};
  }
  auto program = users_program(command.front());
  if (!program) return program.error();
  command.front() = "/" + program->place;
  if (auto status = take_files(*program, options.plan.experiment.predict); !status) return status;
  options.programs.push_back(std::move(*program));
  return Done{};
}

std::string failure_of(const CommandPrediction& prediction) {
  if (prediction.told.status == CellStatus::errored) return prediction.told.reason + "\n";
  std::string text;
  for (const auto& site : prediction.sites) {
    if (site.told.status == CellStatus::errored) text += site.told.reason + "\n";
  }
  return text;
}

}  // namespace

Result<CommandResult> predict_command(Options options, const std::vector<std::string>& command) {
  if (auto status = take_program(options); !status) return status.error();
  return run_command_line(options, command);
}

CommandResult with_prediction(const RunBook& book, CommandResult result) {
  std::vector<std::pair<std::string, CommandPrediction>> predictions;
  for (const auto& page : book.pages()) {
    if (page.experiments.predictions.empty() && !page.target->ended.empty()) {
      result.problem += "no answer: the guest ended during " + page.target->in_flight.value_or("its start") +
                        "; a command that takes long needs a longer --timeout\n";
    }
    for (const auto& counts : page.experiments.predictions) {
      predictions.emplace_back(page.target->info.id, prediction_of(counts, page.cells));
      result.problem += failure_of(predictions.back().second);
    }
  }
  if (predictions.empty()) return result;
  result.output.clear();
  for (const auto& [target, prediction] : predictions) result.output += prediction_text(target, prediction);
  const auto written = write_file_atomic(book.directory().predict_path(),
                                         write_predictions(predictions, book.record().command));
  if (written) return result;
  result.problem += written.error().message() + "\n";
  if (result.exit_code == ExitCode::fine) result.exit_code = ExitCode::cell_failed;
  return result;
}

}  // namespace probebench
