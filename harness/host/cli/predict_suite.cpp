// SPDX-License-Identifier: MIT
#include "cli/predict_suite.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "base/stop.h"
#include "plan/question_file.h"
#include "results/run_directory.h"
#include "session/project_paths.h"

namespace probebench::cli {
namespace {

PredictOptions asked_by(const PredictOptions& options, const plan::Question& question) {
  auto one = options;
  one.suite.clear();
  one.probes = question.probes;
  one.bpf_object = question.bpf_object;
  one.bpftrace = question.bpftrace;
  one.workload = question.workload;
  if (!question.handler.empty()) one.handler = question.handler;
  if (question.timeout_s != 0) one.timeout_s = question.timeout_s;
  return one;
}

// Held until all are answered: another suite may not write there meanwhile. None: nothing will be written.
Result<std::optional<results::RunDirectory>> directory_of_suite(const PredictOptions& options) {
  if (options.dry_run) return std::optional<results::RunDirectory>();
  return std::optional(TRY(session::run_directory(options.output, std::chrono::system_clock::now())));
}

// The first that fails is the whole's exit code; a stop ends it.
void add_answer(const std::string& name, Result<CommandResult> answer, CommandResult& sum) {
  auto one = answer ? std::move(*answer) : CommandResult{};
  if (!answer) one.add_problem(answer.error());
  if (!one.output.empty())
    sum.output += fmt::format("{}{}:\n{}", sum.output.empty() ? "" : "\n", name, one.output);
  if (!one.problem.empty()) sum.problem += fmt::format("{}: {}", name, one.problem);
  if (sum.exit_code == ExitCode::fine) sum.exit_code = one.exit_code;
}

}  // namespace

Status check_suite(const PredictOptions& options, const Arguments& passed) {
  const std::pair<bool, const char*> theirs[] = {
      {!options.probes.empty(), "--probe"}, {!options.bpf_object.empty(), "--bpf-object"},
      {!options.bpftrace.empty(), "-e"},    {!options.workload.empty(), "--workload"},
      {options.process != 0, "-p"},         {!passed.empty(), "-- CMD"}};
  for (const auto& [given, option] : theirs) {
    if (!given) continue;
    return Error{Fault::usage, fmt::format("predict: --suite and {}: a question says it itself", option), 0,
                 "leave one of them out"};
  }
  return check_measuring(options);
}

Result<CommandResult> perform_suite(const PredictOptions& options, const Arguments& line,
                                    const OneQuestion& one) {
  const auto questions = TRY(plan::load_questions(options.suite));
  std::vector<PredictOptions> all;
  for (const auto& question : questions) {
    all.push_back(asked_by(options, question));
    auto good = one.take(question.command, all.back());
    if (good) continue;
    auto error = good.take_error();
    error.what = fmt::format("suite {}: question {}: {}", options.suite.string(), question.name, error.what);
    return error;
  }
  const auto held = TRY(directory_of_suite(options));
  const auto directory = held ? held->path() : options.output;
  CommandResult sum;
  for (std::size_t i = 0; i < all.size() && !stop_requested(); ++i) {
    all[i].output = directory / questions[i].name;
    add_answer(questions[i].name, one.answer(all[i], line), sum);
  }
  if (stop_requested()) sum.exit_code = ExitCode::interrupted;
  return sum;
}

}  // namespace probebench::cli
