// SPDX-License-Identifier: MIT
#include "session/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "base/stop.h"
#include "model/noise_advice.h"
#include "results/timestamp.h"
#include "session/native_target.h"
#include "session/target_run.h"

namespace probebench::session {
namespace {

using Clock = std::chrono::system_clock;

RunRecord head_of(const RunRequest& request, Clock::time_point started) {
  RunRecord head;
  head.tool.version = request.tool_version;
  head.started = results::iso8601_utc(started);
  head.command = request.command;
  return head;
}

// In the order of the targets; a target that is ready runs while the next one is prepared.
void run_all(std::vector<TargetRun>& targets) {
  std::vector<std::jthread> running;
  std::map<std::string, int> seen;
  for (auto& target : targets) {
    const bool ready = target.prepare();
    target.set_ordinal(++seen[target.identity()]);
    if (ready) {
      running.emplace_back([&target] { target.run(); });
    } else {
      target.run();
    }
  }
}

ExitCode combined_code(const std::vector<TargetRun>& targets) {
  std::vector<ExitCode> codes;
  for (const auto& target : targets) codes.push_back(target.result().exit_code);
  return combined(codes);
}

// With several targets, the first line of each one's problem says whose it is.
std::string problems_of(const std::vector<TargetRun>& targets) {
  if (targets.size() == 1) return targets.front().result().problem;
  std::string text;
  for (const auto& target : targets) {
    const auto& problem = target.result().problem;
    if (target.result().exit_code == ExitCode::interrupted && !text.empty()) continue;  // said once
    if (!problem.empty()) text += target.identity() + ": " + problem;
  }
  return text;
}

RunOutcome outcome_of(const RunContext& context, const std::vector<TargetRun>& targets) {
  const auto finished = stop_requested() ? context.book.finish("interrupted") : Status(Done{});
  RunOutcome outcome{.exit_code = combined_code(targets),
                     .problem = problems_of(targets),
                     .several = context.preview.several(),
                     .record = context.book.record(),
                     .pages = context.book.pages()};
  const auto fail = [&](const std::string& why) {
    outcome.problem += why + "\n";
    if (outcome.exit_code == ExitCode::fine) outcome.exit_code = ExitCode::cell_failed;
  };
  if (!finished) fail(finished.error().message());
  const auto& directory = context.book.directory();
  if (directory.was_removed()) {
    fail(fmt::format("{}: was removed during the run; the guest's log is lost", directory.path().string()));
  }
  std::error_code unknown;
  if (!outcome.record.cells.empty() && fs::exists(directory.results_path(), unknown)) {
    context.progress.note("results: " + directory.path().string());
  }
  return outcome;
}

Result<RunOutcome> measure(const RunContext& context) {
  const auto& requested = context.preview.targets;
  std::vector<TargetRun> targets;
  targets.reserve(requested.size());
  for (std::size_t i = 0; i < requested.size(); ++i) targets.emplace_back(context, requested[i], i);
  const auto& plan = context.preview.plan;
  context.progress.plan(requested.size() * (plan.cells.size() + plan.experiment.steps()));
  run_all(targets);
  context.progress.clear();
  for (const auto& target : targets) {
    // The cells are the same everywhere.
    const auto& listed = target.result().console_text;
    if (!listed.empty()) return RunOutcome{.cell_list = listed};
  }
  const auto& first = targets.front().result();
  if (!context.preview.several() && first.error) return *first.error;
  return outcome_of(context, targets);
}

// A run that began no cell is no run; but a guest that did not come up has left its log.
void discard_if_empty(const results::RunDirectory& directory, bool only_listed) {
  std::error_code unimportant;
  if (fs::exists(directory.results_path(), unimportant)) return;
  for (const auto& log : directory.guest_logs()) {
    if (only_listed || fs::file_size(log, unimportant) == 0) fs::remove(log, unimportant);
  }
  fs::remove(directory.path(), unimportant);
}

RunOutcome refusal_of(const NativeSetup& native) {
  std::string problem = "--strict: this machine is not fit to be measured\n";
  for (const auto& why : native.unfit) problem += "  " + why + "\n";
  return {.exit_code = ExitCode::unfit, .problem = problem};
}

void note_warnings(const NativeSetup& native, RunProgress& progress) {
  if (!native.watch) return;
  for (const auto& warning : native.watch->warnings()) {
    const auto name = warning.substr(0, warning.find(':'));
    progress.note(fmt::format("warning: {}; {}", warning, see_heading(name)));
  }
}

}  // namespace

std::vector<anatomy::Anatomy> RunOutcome::anatomies() const {
  std::vector<anatomy::Anatomy> all;
  for (const auto& page : pages) all.insert(all.end(), page.anatomies.begin(), page.anatomies.end());
  return all;
}

Result<RunOutcome> run(const RunRequest& request, RunProgress& progress) {
  const auto preview = TRY(preview_of(request));
  const auto project = TRY(find_project());
  const auto native = TRY(request.targets.native ? set_up_native(request, project, progress)
                                                 : Result<NativeSetup>(NativeSetup()));
  if (!native.unfit.empty()) return refusal_of(native);
  const auto started = Clock::now();
  auto directory = TRY(run_directory(request.output, started));
  RunBook book(head_of(request, started), std::move(directory), preview.targets.size());
  vm::RunSlots slots(jobs_of(request.jobs));
  std::optional<Redaction> redaction;
  if (request.targets.native && !request.keep_addresses) {
    redaction.emplace(HostSecrets::of_this_machine());
  }
  auto outcome =
      measure({request, project, preview, book, slots, progress, redaction ? &*redaction : nullptr});
  note_warnings(native, progress);
  discard_if_empty(book.directory(), plan::lists_cells(request.plan.benchmark_args));
  std::error_code unimportant;
  if (outcome && fs::exists(book.directory().path(), unimportant)) outcome->directory = book.directory();
  return outcome;
}

}  // namespace probebench::session
