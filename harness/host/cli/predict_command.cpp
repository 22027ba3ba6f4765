// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "base/file.h"
#include "cli/measuring.h"
#include "plan/selection.h"
#include "reproduce/reproduction_json.h"
#include "text/reproduce_text.h"
#include "vm/initramfs.h"

namespace probebench::cli {
namespace {

constexpr std::int64_t kLongestTimeoutS = 3600;
constexpr const char* kPredictFooter =
    "\nRuns CMD with nothing armed and while its hits are counted, by the cheapest\n"
    "means the kernel has. A PLACE is a kernel function (+OFFSET), a trace event\n"
    "(GROUP:EVENT), or FILE+OFFSET for a uprobe. What CMD prints is dropped. In a\n"
    "virtual machine CMD is carried in, with its libraries and without any files.\n"
    "\nExamples:\n"
    "  ./run-bench predict --probe kprobe-optimized:vfs_read -- ./my-program\n"
    "  ./run-bench predict --target native --probe raw-tp:sched:sched_switch -- make\n";

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const auto& info : kProbeTypes) names.push_back(info.name);
  return names;
}

Error bad_probe(const std::string& text, const char* problem, std::string hint) {
  return {Fault::usage, fmt::format("--probe {}: {}", text, problem), 0, std::move(hint)};
}

// Each of the probes, and what a hit of its type costs.
Status take_sites(PredictOptions& options) {
  std::set<std::string_view> types;
  for (const auto& text : options.probes) {
    const auto site = TRY(predict_site_from(text));
    options.plan.experiment.predict.sites.push_back(site);
    types.insert(info_of(site.probe_type).name);
  }
  options.plan.probe_types = fmt::format("{}", fmt::join(types, ","));
  return Done{};
}

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
  auto program = TRY(vm::users_program(command.front()));
  command.front() = "/" + program.place;
  TRY(take_files(program, request.plan.experiment.predict));
  request.programs.push_back(std::move(program));
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

void add_options(CLI::App& app, PredictOptions& options) {
  app.add_option("--probe", options.probes, "what would be probed, and how; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("TYPE:PLACE");
  app.add_option("--handler", options.handler, "what a hit would do [count]")->type_name("NAME");
  app.add_option("--timeout", options.timeout_s, "end a run of CMD after so many seconds [60]")
      ->type_name("S");
  add_kernel_options(app, options);
  add_target_options(app, options);
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  app.footer(kPredictFooter);
}

Result<PredictSite> predict_site_from(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    return bad_probe(text, "a probe is TYPE:PLACE", "for example kprobe-optimized:vfs_read");
  }
  const auto type = text.substr(0, colon);
  const auto found = std::ranges::find(kProbeTypes, type, &ProbeTypeInfo::name);
  if (found == kProbeTypes.end()) {
    return bad_probe(text, fmt::format("unknown probe type '{}'", type).c_str(),
                     plan::did_you_mean(type, type_names(), "./run-bench list has the probe types"));
  }
  PredictSite site{found->id, text.substr(colon + 1)};
  const auto kind = place_kind(site.probe_type);
  if (kind == PlaceKind::event && site.place.find(':') == std::string::npos) {
    return bad_probe(text, "its place is a trace event", "GROUP:EVENT, for example sched:sched_switch");
  }
  if (kind == PlaceKind::file && site.place.find('+') == std::string::npos) {
    return bad_probe(text, "its place is an offset in a file", "FILE+OFFSET, for example /bin/ls+0x4000");
  }
  return site;
}

Status take_options(Arguments passed, PredictOptions& options) {
  if (options.probes.empty()) {
    return Error{Fault::usage, "predict: --probe is missing", 0,
                 "for example --probe kprobe-optimized:vfs_read"};
  }
  if (passed.empty()) {
    return Error{Fault::usage, "predict: the command is missing", 0, "-- CMD at the end of the line"};
  }
  if (options.timeout_s < 1 || options.timeout_s > kLongestTimeoutS) {
    return Error{Fault::usage,
                 fmt::format("--timeout {}: 1 to {} seconds", options.timeout_s, kLongestTimeoutS),
                 0,
                 {}};
  }
  if (options.handler.find(',') != std::string::npos) {
    return Error{Fault::usage, fmt::format("--handler {}: predict takes one", options.handler), 0, {}};
  }
  auto& plan = options.plan.experiment.predict;
  plan.command = std::move(passed);
  plan.timeout_s = static_cast<std::uint32_t>(options.timeout_s);
  options.plan.handlers = options.handler;
  TRY(take_sites(options));
  return check_measuring(options);
}

Result<CommandResult> perform(const PredictOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  // The guest's clock may run slower than this machine's: a command that never ends is a guest that says
  // nothing.
  const std::chrono::seconds patience(request.plan.experiment.predict.timeout_s + kBootPatienceS);
  request.silence_deadline = std::max(request.silence_deadline, patience);
  TRY(take_program(request));
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_prediction(outcome, line, result); });
}

Subcommand add_predict(CLI::App& app) {
  return subcommand<PredictOptions>(
      app.add_subcommand("predict", "what probes would cost a command, before they are attached"));
}

}  // namespace probebench::cli
