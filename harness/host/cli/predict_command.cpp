// SPDX-License-Identifier: MIT
#include "cli/predict_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "base/file.h"
#include "cli/cost_command.h"
#include "cli/measuring.h"
#include "cli/predict_suite.h"
#include "place/user_place.h"
#include "probe_cost/cost_summary.h"
#include "reproduce/reproduction_json.h"
#include "text/reproduce_text.h"
#include "text/table.h"
#include "vm/guest_command.h"

namespace probebench::cli {
namespace {

constexpr std::int64_t kLongestTimeoutS = 3600;
constexpr double kShortestWindowS = 0.01;
constexpr double kLongestWindowS = 600;
constexpr std::uint32_t kMsOfSecond = 1000;
constexpr const char* kPredictFooter =
    "\nRuns CMD with nothing armed and while its hits are counted, by the cheapest\n"
    "means the kernel has. TYPE is a probe type, or a tracer's word for one: kprobe,\n"
    "kretprobe, uprobe, uretprobe, usdt, t. A PLACE is\n"
    "  FUNCTION, MODULE:FUNCTION, FUNCTION+OFFSET   in the kernel\n"
    "  GROUP:EVENT                                  a trace event\n"
    "  FILE:FUNCTION, FILE+OFFSET                   in a program or library\n"
    "  FILE:PROVIDER:NAME                           a USDT marker\n"
    "A probe of your own takes the place of --probe: --bpf-object or -e, which is\n"
    "measured as `cost` does, by the operation of --workload.\n"
    "In a virtual machine CMD is carried in with its libraries, without any files.\n"
    "\nExamples:\n"
    "  ./run-bench predict --probe kprobe:vfs_read --probe uprobe:libc:read -- ./mine\n"
    "  ./run-bench predict --target native --probe t:sched:sched_switch -- make\n"
    "  ./run-bench predict --probe uprobe:libc:malloc -p 1234\n"
    "  ./run-bench predict --workload pread -e 'kprobe:vfs_read { @ = count(); }' \\\n"
    "    -- ./mine\n";

bool has_own_probe(const PredictOptions& options) {
  return !options.bpf_object.empty() || !options.bpftrace.empty();
}

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
  if (options.process != 0) return find_places(options.asked, nullptr, plan);
  if (request.targets.native) {
    TRY(vm::users_program(plan.command.front()));
    return find_places(options.asked, nullptr, plan);
  }
  auto command = TRY(vm::users_command(plan.command));
  const auto& program = command.programs.front();
  if (const auto whole = place::ProgramFile::read(program.source); !whole) {
    return Error{Fault::usage,
                 fmt::format("carry '{}' into the virtual machine: {}", program.source.string(),
                             whole.error().message()),
                 0,
                 {}};
  }
  TRY(find_places(options.asked, &program, plan));
  plan.command = session::hand_over(std::move(command), request);
  return Done{};
}

// Why there is no answer. Empty: there is one.
std::string failure_of(const reproduce::CommandPrediction& prediction) {
  if (prediction.overhead_percent) return {};
  std::string text;
  for (const auto& site : prediction.sites) {
    const bool own = prediction.told.own.size() > 0 && site.told.site.place.empty();
    if ((own || site.told.status != CellStatus::measured) && !site.reason.empty())
      text += text::named_reason(site) + "\n";
  }
  if (!text.empty()) return text;
  if (prediction.told.status == CellStatus::errored) return prediction.told.reason + "\n";
  return "no answer: a figure is missing\n";
}

// What `cost` measured of the user's probe on the same target; nothing: sites are asked about.
std::optional<reproduce::OwnProbe> own_probe(const PredictOptions& options, const std::string& name,
                                             const session::TargetPage& page) {
  if (!has_own_probe(options)) return std::nullopt;
  const auto source = options.bpf_object.empty() ? ProbeSource::command : ProbeSource::bpf_object;
  reproduce::OwnProbe own{.type = std::string(info_of(source).name), .place = name};
  if (page.experiments.costs.empty()) {
    own.reason = "its cost was not measured";
    return own;
  }
  const auto& cost = page.experiments.costs.front();
  own.reason = cost.reason;
  for (const auto& one : cost.hits) own.priced.push_back(one.probe);
  if (const auto figures = cost::figures_of(cost)) {
    own.cost = reproduce::Span{figures->per_hit, figures->per_hit - figures->spread,
                               figures->per_hit + figures->spread};
  }
  return own;
}

struct Answers {
  std::vector<std::pair<std::string, reproduce::CommandPrediction>> predictions;  // by the target's id
  std::string text;
  bool all = true;  // each target has one
};

Answers answers_of(const PredictOptions& options, const std::string& own, const session::RunOutcome& outcome,
                   std::string& problem) {
  Answers answers;
  for (const auto& page : outcome.pages) {
    answers.all = answers.all && !page.experiments.predictions.empty();
    if (page.experiments.predictions.empty() && !page.target->ended.empty()) {
      problem += "no answer: the run ended during " + page.target->in_flight.value_or("its start") +
                 "; a command that takes long needs a longer --timeout\n";
    }
    for (const auto& counts : page.experiments.predictions) {
      const auto prediction = reproduce::prediction_of(counts, page.cells, own_probe(options, own, page));
      answers.predictions.emplace_back(page.target->info.id, prediction);
      answers.text += text::prediction_text(page.target->info, prediction);
      answers.all = answers.all && prediction.overhead_percent;
      problem += failure_of(prediction);
    }
  }
  return answers;
}

void show_prediction(const PredictOptions& options, const session::RunRequest& request,
                     const session::RunOutcome& outcome, CommandResult& result) {
  const auto& cost = request.plan.experiment.cost;
  const auto answers = answers_of(options, cost ? cost->name : "", outcome, result.problem);
  if (result.exit_code == ExitCode::fine && !answers.all) result.exit_code = ExitCode::nothing_measured;
  result.output = answers.predictions.empty() ? table_of(outcome) : answers.text;
  if (!answers.predictions.empty()) result.problem += text::failed_cells(outcome.record);
  if (answers.predictions.empty() || !outcome.directory) return;
  const auto written = write_file_atomic(outcome.directory->predict_path(),
                                         reproduce::write_predictions(answers.predictions, request.command));
  if (!written) result.add_problem(written.error());
}

Error predict_usage(std::string what, std::string hint = {}) {
  return {Fault::usage, "predict: " + std::move(what), 0, std::move(hint)};
}

// Exactly one kind of probe.
Status check_asked_probes(const PredictOptions& options) {
  const int kinds = !options.probes.empty() + !options.bpf_object.empty() + !options.bpftrace.empty();
  if (kinds == 0) return predict_usage("--probe is missing", "for example --probe kprobe:vfs_read");
  if (kinds > 1) {
    return predict_usage("--probe, --bpf-object and -e: one kind of probe at a time",
                         "ask twice, or by --suite");
  }
  if (has_own_probe(options) || options.workload.empty()) return Done{};
  return predict_usage("--workload: goes with --bpf-object and -e");
}

// Exactly one of a command and a process.
Status check_command(const PredictOptions& options, const Arguments& passed) {
  if (options.process == 0) {
    return passed.empty() ? predict_usage("the command is missing", "-- CMD at the end of the line")
                          : Status(Done{});
  }
  if (!passed.empty()) return predict_usage("-p and -- CMD: one of them is asked about");
  if (options.target == "vm") return predict_usage("-p and --target vm: the process runs on this kernel");
  if (has_own_probe(options)) return predict_usage("-p: counts places; use --probe");
  if (options.process > 0 && fs::exists(fmt::format("/proc/{}/task", options.process))) return Done{};
  return predict_usage(fmt::format("-p {}: there is no such process", options.process));
}

Status check_numbers(const PredictOptions& options) {
  if (options.timeout_s < 1 || options.timeout_s > kLongestTimeoutS) {
    return Error{Fault::usage,
                 fmt::format("--timeout {}: 1 to {} seconds", options.timeout_s, kLongestTimeoutS),
                 0,
                 {}};
  }
  if (options.window_s < kShortestWindowS || options.window_s > kLongestWindowS) {
    return Error{
        Fault::usage,
        fmt::format("--for {}: {} to {} seconds", options.window_s, kShortestWindowS, kLongestWindowS),
        0,
        {}};
  }
  if (options.handler.find(',') == std::string::npos) return Done{};
  return Error{Fault::usage, fmt::format("--handler {}: predict takes one", options.handler), 0, {}};
}

// What arms the probe of the user's own, as `cost` is asked.
Status take_own_probe(PredictOptions& options) {
  if (options.target == "native") {
    return predict_usage("--bpf-object and -e: armed in a virtual machine alone", "leave --target out");
  }
  CostPlan cost;
  cost.workload = TRY(workload_of("predict", options.workload));
  cost.source = options.bpf_object.empty() ? ProbeSource::command : ProbeSource::bpf_object;
  if (!options.bpftrace.empty()) cost.command = {"bpftrace", "-e", options.bpftrace};
  TRY(count_instructions("predict", options));
  options.plan.experiment.cost = std::move(cost);
  options.plan.experiment.predict.own_probe = true;
  return Done{};
}

// Of a probe that the user brings, with all that the guest needs for it.
Result<session::RunRequest> predict_request(const PredictOptions& options, const Arguments& line) {
  if (!has_own_probe(options)) return request_for(options, line);
  CostOptions cost;
  static_cast<MeasuringOptions&>(cost) = options;
  cost.bpf_object = options.bpf_object;
  return cost_request(cost, line);
}

}  // namespace

void add_options(CLI::App& app, PredictOptions& options) {
  app.add_option("--probe", options.probes, "what would be probed, and how; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("TYPE:PLACE");
  app.add_option("--bpf-object", options.bpf_object, "a probe of your own: as `cost` has it")
      ->type_name("FILE");
  app.add_option("-e", options.bpftrace, "a probe of your own: a program of bpftrace")->type_name("PROGRAM");
  app.add_option("--workload", options.workload, "with either: the operation that hits it once")
      ->type_name("NAME");
  app.add_option("-p", options.process, "a process that runs, in place of CMD; native")->type_name("PID");
  app.add_option("--for", options.window_s, "with -p: seconds of each of the three windows [1]")
      ->type_name("S");
  app.add_option("--suite", options.suite, "questions from a file, each with its own CMD")->type_name("FILE");
  app.add_option("--handler", options.handler, "what a hit would do [count]")->type_name("NAME");
  app.add_option("--timeout", options.timeout_s, "end a run of CMD after so many seconds [60]")
      ->type_name("S");
  add_kernel_options(app, options);
  add_refused_arch_option(app, options);
  add_target_options(app, options);
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  app.footer(kPredictFooter);
}

Status take_options(Arguments passed, PredictOptions& options) {
  TRY(refuse_ssh(options, "predict"));
  TRY(refuse_arch(options, "predict",
                  "CMD and its libraries are this machine's, and are carried in from here"));
  if (!options.suite.empty()) return check_suite(options, passed);
  TRY(check_asked_probes(options));
  TRY(check_command(options, passed));
  TRY(check_numbers(options));
  if (options.process != 0) options.target = "native";
  auto& plan = options.plan.experiment.predict;
  plan.command = std::move(passed);
  plan.process = options.process;
  plan.window_ms = static_cast<std::uint32_t>(options.window_s * kMsOfSecond);
  plan.timeout_s = static_cast<std::uint32_t>(options.timeout_s);
  options.plan.handlers = options.handler;
  TRY(has_own_probe(options) ? take_own_probe(options) : take_sites(options));
  return check_measuring(options);
}

Result<CommandResult> perform(const PredictOptions& options, const Arguments& line) {
  if (!options.suite.empty()) {
    const OneQuestion one{
        [](Arguments passed, PredictOptions& asked) { return take_options(std::move(passed), asked); },
        [](const PredictOptions& asked, const Arguments& whole) { return perform(asked, whole); }};
    return perform_suite(options, line, one);
  }
  auto request = TRY(predict_request(options, line));
  // The guest's clock may run slower than this machine's: a command that never ends is a guest that says
  // nothing.
  const auto& plan = request.plan.experiment.predict;
  const std::chrono::seconds patience(plan.timeout_s + plan.window_ms / kMsOfSecond + kBootPatienceS);
  request.silence_deadline = std::max(request.silence_deadline, patience);
  TRY(take_program(options, request));
  return measure(options, request, [&](const auto& outcome, auto& result, auto&) {
    show_prediction(options, request, outcome, result);
  });
}

Subcommand add_predict(CLI::App& app) {
  return subcommand<PredictOptions>(
      app.add_subcommand("predict", "what probes would cost a command, before they are attached"));
}

}  // namespace probebench::cli
