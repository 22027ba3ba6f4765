// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "base/file.h"
#include "cli/measuring.h"
#include "place/user_place.h"
#include "reproduce/reproduction_json.h"
#include "text/reproduce_text.h"
#include "vm/initramfs.h"

namespace probebench::cli {
namespace {

constexpr std::int64_t kLongestTimeoutS = 3600;
constexpr const char* kPredictFooter =
    "\nRuns CMD with nothing armed and while its hits are counted, by the cheapest\n"
    "means the kernel has. TYPE is a probe type, or a tracer's word for one: kprobe,\n"
    "kretprobe, uprobe, uretprobe, usdt, t. A PLACE is\n"
    "  FUNCTION, MODULE:FUNCTION, FUNCTION+OFFSET   in the kernel\n"
    "  GROUP:EVENT                                  a trace event\n"
    "  FILE:FUNCTION, FILE+OFFSET                   in a program or library\n"
    "  FILE:PROVIDER:NAME                           a USDT marker\n"
    "In a virtual machine CMD is carried in with its libraries, without any files.\n"
    "\nExamples:\n"
    "  ./run-bench predict --probe kprobe:vfs_read --probe uprobe:libc:read -- ./mine\n"
    "  ./run-bench predict --target native --probe t:sched:sched_switch -- make\n";

// Each of the probes, and what a hit of its type costs.
Status take_sites(PredictOptions& options) {
  std::set<std::string_view> types;
  for (const auto& text : options.probes) {
    auto asked = TRY(plan::read_probe(text));
    types.insert(info_of(asked.site.probe_type).name);
    options.asked.push_back(std::move(asked));
  }
  options.plan.probe_types = fmt::format("{}", fmt::join(types, ","));
  return Done{};
}

constexpr std::uint32_t kBootPatienceS = 10;

// The guest has no file but the command and what it loads.
Result<std::string> place_in_guest(const plan::AskedProbe& asked, const vm::GuestProgram& program,
                                   const fs::path& file) {
  const auto place = TRY(vm::place_in_guest(program, file));
  if (!place.empty()) return "/" + place;
  return plan::bad_probe(asked.text, "the virtual machine has no file but the command and its libraries",
                         "probe " + program.source.string() + ", or use --target native");
}

// Where the files' places are. `program` is null where the command runs on this machine.
Status find_places(const std::vector<plan::AskedProbe>& asked, const vm::GuestProgram* program,
                   PredictPlan& plan) {
  plan.sites.clear();
  for (const auto& one : asked) {
    auto site = one.site;
    if (one.in_file) {
      auto place = TRY(place::find_place(one));
      site.points = std::move(place.points);
      site.name = program != nullptr ? TRY(place_in_guest(one, *program, place.file)) : place.file.string();
    }
    plan.sites.push_back(std::move(site));
  }
  return Done{};
}

Status take_program(const PredictOptions& options, session::RunRequest& request) {
  auto& plan = request.plan.experiment.predict;
  if (request.targets.native) {
    if (vm::program_on_path(plan.command.front())) return find_places(options.asked, nullptr, plan);
    return Error{Fault::usage, "find the command '" + plan.command.front() + "': there is no such program", 0,
                 "name a program on PATH, or its path"};
  }
  auto program = TRY(vm::users_program(plan.command.front()));
  if (const auto whole = place::ProgramFile::read(program.source); !whole) {
    return Error{Fault::usage,
                 fmt::format("carry '{}' into the virtual machine: {}", program.source.string(),
                             whole.error().message()),
                 0,
                 {}};
  }
  TRY(find_places(options.asked, &program, plan));
  plan.command.front() = "/" + program.place;
  request.programs.push_back(std::move(program));
  return Done{};
}

// Why there is no answer. Empty: there is one.
std::string failure_of(const reproduce::CommandPrediction& prediction) {
  if (prediction.overhead_percent) return {};
  std::string text;
  for (const auto& site : prediction.sites) {
    if (site.told.status == CellStatus::errored && !site.told.reason.empty())
      text += text::named_reason(site) + "\n";
  }
  if (!text.empty()) return text;
  if (prediction.told.status == CellStatus::errored) return prediction.told.reason + "\n";
  return "no answer: a figure is missing\n";
}

struct Answers {
  std::vector<std::pair<std::string, reproduce::CommandPrediction>> predictions;  // by the target's id
  std::string text;
  bool all = true;  // each target has one
};

Answers answers_of(const session::RunOutcome& outcome, std::string& problem) {
  Answers answers;
  for (const auto& page : outcome.pages) {
    answers.all = answers.all && !page.experiments.predictions.empty();
    if (page.experiments.predictions.empty() && !page.target->ended.empty()) {
      problem += "no answer: the run ended during " + page.target->in_flight.value_or("its start") +
                 "; a command that takes long needs a longer --timeout\n";
    }
    for (const auto& counts : page.experiments.predictions) {
      const auto prediction = reproduce::prediction_of(counts, page.cells);
      answers.predictions.emplace_back(page.target->info.id, prediction);
      answers.text += text::prediction_text(page.target->info, prediction);
      answers.all = answers.all && prediction.overhead_percent;
      problem += failure_of(prediction);
    }
  }
  return answers;
}

void show_prediction(const session::RunOutcome& outcome, const Arguments& line, CommandResult& result) {
  const auto answers = answers_of(outcome, result.problem);
  if (result.exit_code == ExitCode::fine && !answers.all) result.exit_code = ExitCode::nothing_measured;
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

Status take_options(Arguments passed, PredictOptions& options) {
  if (options.probes.empty()) {
    return Error{Fault::usage, "predict: --probe is missing", 0, "for example --probe kprobe:vfs_read"};
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
  TRY(take_program(options, request));
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_prediction(outcome, line, result); });
}

Subcommand add_predict(CLI::App& app) {
  return subcommand<PredictOptions>(
      app.add_subcommand("predict", "what probes would cost a command, before they are attached"));
}

}  // namespace probebench::cli
