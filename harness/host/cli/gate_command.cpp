// SPDX-License-Identifier: MIT
#include "cli/gate_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "cli/cost_command.h"
#include "gate/compare.h"
#include "gate/gate_session.h"
#include "gate/limits.h"
#include "gate/session.h"
#include "gate/side_run.h"
#include "gate/verdict.h"
#include "plan/selection.h"
#include "results/run_directory.h"
#include "session/project_paths.h"
#include "text/progress_bar.h"

namespace probebench::cli {
namespace {

constexpr unsigned kPairs = 20;
constexpr unsigned kRelinkedPairs = 40;  // layouts spread them more than noise does
constexpr unsigned kMostPairs = 1000;

constexpr const char* kGateFooter =
    "A, B as for compare; A may be a folder of baselines; A alone: a session, again.\n"
    "Noisy figures are judged only when both sides are measured here, interleaved.\n"
    "A side: kernel=6.1 or a path, with headers=DIR; build=DIR, arg=mitigations=off,\n"
    "handler=count, or with --workload a probe of yours: probe=./my.bpf.o; repeatable.\n"
    "Exit: 0 pass, 3 regression or missing cells, 5 inconclusive or incomparable\n"
    "Examples:\n"
    "  ./run-bench gate ci/baselines results/latest\n"
    "  ./run-bench gate --base kernel=6.1 --head kernel=6.12 --probe-type kmod\n";

void add_side_option(CLI::App& app, const std::string& name, std::vector<std::string>& words,
                     const std::string& description) {
  app.add_option(name, words, description)->take_all()->allow_extra_args(false)->type_name("NAME=VALUE");
}

// Sides are "A B" or --base and --head, not both.
Status check_sides_given(const GateOptions& options) {
  const auto& a = options.comparison.a;
  if (options.measures() && !a.empty()) {
    return Error{Fault::usage, fmt::format("{}: --base and --head measure, files are not needed", a), 0,
                 "leave one of them out"};
  }
  if (!options.measures() && a.empty()) {
    return Error{Fault::usage, "gate takes two results, none given", 0,
                 "pass A B, one session's directory, or --base and --head"};
  }
  return Done{};
}

Error probe_usage(std::string what, std::string hint) {
  return {Fault::usage, "gate: " + std::move(what), 0, std::move(hint)};
}

// A probe of the user's is measured as `cost` measures one: on a virtual machine as it is.
Status check_probe(std::string_view option, const gate::RequestedSide& side, const GateOptions& options) {
  if (side.probe.empty()) {
    return probe_usage(fmt::format("{}: one side is a probe, this one is none", option),
                       "give both sides a probe=");
  }
  if (!side.kernel_args.empty() || !side.cpu.empty() || !side.handler.empty()) {
    return probe_usage(fmt::format("{} probe={}: arg=, cpu= and handler= do not go with a probe", option,
                                   side.probe.string()),
                       "leave them out; kernel= and build= may stay");
  }
  TRY(refuse_arch(options, "gate", "a probe= is measured as `cost` does, on x86-64 alone"));
  if (options.target == "native") {
    return probe_usage("--target native: a probe= is armed in a virtual machine", "leave it out");
  }
  std::error_code ignored;
  if (fs::is_regular_file(side.probe, ignored)) return Done{};
  return probe_usage(fmt::format("{} probe={}: no such file", option, side.probe.string()),
                     "a BPF object, or a module (.ko, .c)");
}

Status check_probes(const GateOptions& options) {
  if (options.base.probe.empty() && options.head.probe.empty()) {
    if (options.workload.empty()) return Done{};
    return probe_usage("--workload hits a probe of your own, and no side is one", "--base probe=FILE");
  }
  TRY(check_probe("--base", options.base, options));
  TRY(check_probe("--head", options.head, options));
  CostPlan plan;
  return take_workload("gate", options.workload, plan);
}

Error control_usage(std::string what, std::string hint) {
  return {Fault::usage, "--control: " + std::move(what), 0, std::move(hint)};
}

// Where something is measured in time; that both sides count after all is seen later.
Status check_control_fits(const GateOptions& options) {
  if (!options.measures())
    return control_usage("a control is measured with both sides", "pass --base and --head");
  if (!options.base.probe.empty() || options.accel == "tcg" || !options.asked_archs().empty()) {
    return control_usage("counts of instructions need no control", "leave it out");
  }
  return Done{};
}

Status take_control(GateOptions& options) {
  if (options.control_words.empty()) return Done{};
  TRY(check_control_fits(options));
  for (const auto& word : options.control_words) {
    if (word == "relink") {
      options.control.relinks = true;
    } else {
      options.control.builds.emplace_back(word);
    }
  }
  if (!options.control.relinks || options.control.builds.empty()) return Done{};
  return control_usage("either relink or builds of the base", "leave one of them out");
}

// A head that no baseline fits: what would accept it.
void add_acceptance(gate::Report& report, const gate::Side& base, const gate::Side& head) {
  if (!base.is_baseline || report.verdict != gate::Verdict::incomparable) return;
  report.notes.push_back(fmt::format(
      "No baseline fits. To accept this run: ./run-bench baseline update {} --reason 'WHY'", head.source));
}

// What a session did otherwise than it was asked to, or than sessions do.
void add_session_notes(gate::Report& report, const GateOptions& options, const gate::Session& session) {
  if (options.measures() && session.blocks > options.planned_pairs()) {
    report.notes.push_back(
        fmt::format("{} pairs instead of {}: with fewer no regression of {} cells can be shown.",
                    session.blocks, options.planned_pairs(), session.cells.size()));
  }
  if (session.relinked)
    report.notes.emplace_back("Every visit was of a layout of its own (--control relink).");
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

std::set<std::string> handlers_of(const gate::Side& side) {
  constexpr std::size_t kHandlerPart = 3;
  std::set<std::string> handlers;
  for (const auto& target : side.targets) {
    for (const auto& cell : target.cells) {
      const auto parts = split(cell.name, '/');
      if (parts.size() > kHandlerPart) handlers.emplace(parts[kHandlerPart]);
    }
  }
  return handlers;
}

// A run of some handlers is judged by what a baseline has of these. What is left out, in words.
std::string leave_out_other_handlers(gate::Side& base, const gate::Side& head) {
  const auto measured = handlers_of(head);
  std::vector<std::string> beyond;
  std::ranges::set_difference(handlers_of(base), measured, std::back_inserter(beyond));
  if (!base.is_baseline || beyond.empty() || measured.empty()) return {};
  std::size_t left_out = 0;
  for (auto& target : base.targets) {
    left_out += std::erase_if(target.cells, [&](const auto& cell) {
      return std::ranges::any_of(
          beyond, [&](const auto& one) { return cell.name.find("/" + one + "/") != cell.name.npos; });
    });
  }
  return fmt::format("{} cells of the baseline have handlers that this run did not measure: --handler {},{}",
                     left_out, fmt::join(measured, ","), fmt::join(beyond, ","));
}

// What was counted needs no session: both sides lie there as runs.
Result<gate::MeasuredSides> sides_of_exact_session(const ComparisonOptions& options,
                                                   const Error& no_session) {
  const fs::path directory = session::named_run(options.a);
  std::error_code ignored;
  const bool has_sides =
      fs::is_directory(directory / "base", ignored) && fs::is_directory(directory / "head", ignored);
  const bool was_timed =
      fs::exists(directory / gate::kSessionFile, ignored) || fs::exists(directory / "visits", ignored);
  if (!has_sides || was_timed) return no_session;
  auto sides = TRY(find_sides(directory / "base", directory / "head", options));
  const auto base = handlers_of(sides.base);
  const auto head = handlers_of(sides.head);
  const bool any_handler = std::ranges::none_of(base, [&](const auto& one) { return head.contains(one); });
  const gate::MatchRules rules{.may_differ = {}, .chosen = true, .any_handler = any_handler};
  return gate::MeasuredSides{std::move(sides.base), std::move(sides.head), rules, {}};
}

// A session's directory holds both sides.
Result<gate::MeasuredSides> sides_of_session(const ComparisonOptions& options) {
  const fs::path directory = session::named_run(options.a);
  auto session = session_in(directory);
  if (!session) return sides_of_exact_session(options, session.error());
  auto sides = TRY(find_sides(directory / "base", directory / "head", options));
  const gate::MatchRules rules{.may_differ = {}, .chosen = true, .any_handler = session->any_handler};
  return gate::MeasuredSides{std::move(sides.base), std::move(sides.head), rules, *std::move(session)};
}

Result<gate::MeasuredSides> sides_of_files(const ComparisonOptions& options, std::string& left_out) {
  auto sides = TRY(find_sides(options.a, options.b, options));
  left_out = leave_out_other_handlers(sides.base, sides.head);
  auto rules = rules_for(options, sides.base, sides.head);
  return gate::MeasuredSides{std::move(sides.base), std::move(sides.head), std::move(rules), {}};
}

Arguments native_words(const GateOptions& options) {
  auto words = options.keep_addresses ? Arguments{"--keep-addresses"} : Arguments{};
  if (options.load_module) words.emplace_back("--load-module");
  for (const auto& [name, value] : {std::pair{"--sign", options.sign}, {"--cpu-list", options.cpu_list}})
    if (!value.empty()) words.insert(words.end(), {name, value});
  return words;
}

// Another build may know none of them: what was not asked for is not named.
Arguments machine_words(const GateOptions& options) {
  Arguments words;
  if (options.deadline_s != 0) words = {"--deadline", std::to_string(options.deadline_s)};
  if (options.refresh) words.emplace_back("--refresh");
  if (options.fresh_boot) words.emplace_back("--fresh-boot");
  return words;
}

gate::SessionRequest request_of(const GateOptions& options, const gate::Limits& limits, fs::path directory) {
  return {.settings = {.plan = options.plan,
                       .kernels = options.kernels,
                       .headers = options.headers,
                       .kernels_file = options.kernels_file,
                       .kernel_cache = options.kernel_cache,
                       .accel = options.accel,
                       .archs = options.asked_archs(),
                       .target = options.target,
                       .machine = machine_words(options),
                       .jobs = options.jobs,
                       .native = native_words(options),
                       .workload = options.workload,
                       .probes_paths = !options.no_anatomy},
          .base = options.base,
          .head = options.head,
          .may_differ = options.comparison.may_differ,
          .limits = limits,
          .pairs = options.planned_pairs(),
          .control = options.control,
          .confirms = !options.no_confirmation,
          .records_paths = !options.no_anatomy,
          .directory = std::move(directory)};
}

// A slip in a pattern would let nothing pass, or too much, without a word.
void add_unused_limits(gate::Report& report, const gate::Limits& limits) {
  std::vector<std::string_view> cells;
  for (const auto& target : report.targets) {
    for (const auto& row : target.rows) cells.push_back(row.cell);
  }
  const auto unused = gate::unused_rules(limits, cells);
  if (unused.empty()) return;
  report.notes.push_back(
      fmt::format("Limits that fit nothing that was compared: {}.", fmt::join(unused, ", ")));
}

Result<CommandResult> judged(const GateOptions& options, const Arguments& line, gate::MeasuredSides& sides,
                             const gate::Limits& limits, const std::string& left_out = {}) {
  auto& [base, head, rules, session] = sides;
  const gate::JudgeRules judging{
      .limits = limits, .session = session ? &*session : nullptr, .mechanism_may_change = rules.chosen};
  auto report = gate::report_of(gate::judge(gate::compare(gate::match(base, head, rules)), judging));
  add_acceptance(report, base, head);
  if (!left_out.empty()) report.notes.push_back(left_out);
  if (session) add_session_notes(report, options, *session);
  add_unused_limits(report, limits);
  return reported(options.comparison, line, base, head, std::move(report));
}

Result<CommandResult> measured(const GateOptions& options, const Arguments& line,
                               const gate::Limits& limits) {
  // Of what the sides write, too.
  if (options.keep_addresses) ::umask(0077);
  const auto held = TRY(session::run_directory(options.output, std::chrono::system_clock::now()));
  text::ConsoleProgress progress(STDERR_FILENO, text::ConsoleProgress::style_for(options.quiet));
  auto sides = gate::measure_sides(request_of(options, limits, held.path()), progress);
  progress.clear();
  return sides ? judged(options, line, *sides, limits)
               : Result<CommandResult>(gate::cut_off(sides.error(), held.path()));
}

}  // namespace

unsigned GateOptions::planned_pairs() const {
  return pairs.value_or(control.relinks ? kRelinkedPairs : kPairs);
}

void add_options(CLI::App& app, GateOptions& options) {
  app.add_option("A", options.comparison.a, "the base")->type_name("");
  app.add_option("B", options.comparison.b, "what is judged")->type_name("");
  app.add_option("--limits", options.limits, "what may change, in TOML [nothing]")->type_name("FILE");
  add_comparison_options(app, options.comparison);
  add_side_option(app, "--base", options.base_words, "measure this side ..");
  add_side_option(app, "--head", options.head_words, ".. against this one [the project as it is]");
  app.add_option("--control", options.control_words, "the base laid out otherwise, or relink: all sides")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("DIR");
  app.add_option("--workload", options.workload, "the operation that hits sides which are probes")
      ->type_name("NAME");
  app.add_option("--pairs", options.pairs, "interleaved pairs of times, or as many as needed [20]")
      ->check(CLI::Range(9U, kMostPairs).description(""))
      ->type_name("N");
  app.add_flag("--no-confirmation", options.no_confirmation, "do not measure a red cell again");
  app.add_flag("--no-anatomy", options.no_anatomy, "do not name the functions that counts differ in");
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  add_arch_option(app, options);
  add_jobs_option(app, options);
  add_target_option(app, options);
  add_output_option(app, options.output, "session");
  app.footer(kGateFooter);
}

Status take_options(Arguments passed, GateOptions& options) {
  TRY(check_measuring(options));
  TRY(refuse_ssh(options, "gate"));
  TRY(options.measures() ? take_benchmark_flags(std::move(passed), options) : refuse_flags(passed));
  TRY(check_sides_given(options));
  options.base = TRY(gate::requested_side("--base", options.base_words, options.target));
  options.head = TRY(gate::requested_side("--head", options.head_words, options.target));
  TRY(check_probes(options));
  TRY(take_control(options));
  return check_exports(options.comparison);
}

// Limits first: a mistake in the file should not cost a session.
Result<CommandResult> perform(const GateOptions& options, const Arguments& line) {
  const auto limits = TRY(options.limits.empty() ? gate::Limits() : gate::load_limits(options.limits));
  if (options.measures()) return measured(options, line, limits);
  const auto& files = options.comparison;
  std::string left_out;
  auto sides = TRY(files.b.empty() ? sides_of_session(files) : sides_of_files(files, left_out));
  return judged(options, line, sides, limits, left_out);
}

Subcommand add_gate(CLI::App& app) {
  return subcommand<GateOptions>(app.add_subcommand("gate", "the same with a verdict and an exit code"));
}

}  // namespace probebench::cli
