// SPDX-License-Identifier: MIT
#include "cli/reproduce_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "cli/measuring.h"
#include "plan/plan_options.h"
#include "plan/selection.h"
#include "plan/suite_file.h"
#include "reproduce/reproduction_json.h"
#include "session/project_paths.h"
#include "text/reproduce_text.h"
#include "vm/guest_command.h"

namespace probebench::cli {
namespace {

constexpr const char* kReproduceFooter =
    "\nIs a jump probe ten times cheaper than int3, or \"not so much\"? Measures both.\n"
    "What follows -- is a workload of your own.\n"
    "\nExamples:\n"
    "  ./run-bench reproduce --kernel 5.10,6.12\n"
    "  ./run-bench reproduce --part per-hit\n"
    "  ./run-bench reproduce --part pruning --line 5%   # which sites are too hot\n";

std::vector<std::string_view> part_names() {
  std::vector<std::string_view> names;
  for (const auto& info : kExperimentParts) names.push_back(info.name);
  return names;
}

Result<std::set<ExperimentPart>> parts_from(const std::string& list) {
  std::set<ExperimentPart> parts;
  const auto names = part_names();
  for (const auto name : split(list, ',')) {
    const auto found = std::ranges::find(kExperimentParts, name, &ExperimentPartInfo::name);
    if (found == kExperimentParts.end()) {
      const std::span first(names.data(), names.size() - 1);
      const auto all = fmt::format("the parts are {} and {}", fmt::join(first, ", "), names.back());
      return Error{Fault::usage, fmt::format("--part {}: there is no such part", name), 0,
                   plan::did_you_mean(name, names, all)};
    }
    parts.insert(found->id);
  }
  return parts;
}

// A step is a dozen workloads under one mechanism; on a busy machine that is minutes.
constexpr std::chrono::seconds kPatience{300};

constexpr double kMostPercent = 1000;

constexpr std::array kMechanisms{SuiteMechanism::stepped, SuiteMechanism::unoptimized,
                                 SuiteMechanism::optimized, SuiteMechanism::ftrace, SuiteMechanism::fentry};

// Percent, with or without the sign.
Result<double> line_from(std::string text) {
  while (text.ends_with('%') || text.ends_with(' ')) text.pop_back();
  double percent = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), percent);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && percent > 0 && percent <= kMostPercent) return percent;
  return Error{Fault::usage, fmt::format("--line {}: expected a percentage such as 5%", text), 0, {}};
}

// Pruning by itself takes the suites that are for it, and no mechanism but kprobes.
Status keep_what_is_pruned(WorkloadPlan& plan) {
  std::erase_if(plan.suites, [](const SuitePlan& suite) { return !suite.prune; });
  std::erase_if(plan.mechanisms, [](SuiteMechanism one) { return !info_of(one).past_entry; });
  if (!plan.suites.empty()) return Done{};
  return Error{Fault::usage, "--part pruning: none of the suites has `prune = true`", 0,
               "leave --suite out, or add workloads to --part"};
}

Status take_suites(const ReproduceOptions& options, WorkloadPlan& plan) {
  const auto project = TRY(session::find_project());
  auto suites = TRY(plan::suites_asked_for(project.root / "suites", options.suites, options.workloads));
  if (!plan.command.empty()) plan::add_command(suites);
  plan.suites = std::move(suites);
  plan.mechanisms.assign(kMechanisms.begin(), kMechanisms.end());
  return options.runs_workloads ? Status(Done{}) : keep_what_is_pruned(plan);
}

// What the agent starts has to be in the guest, which has no files but those that it is given.
Status take_programs(session::RunRequest& request) {
  if (auto program = vm::assembler()) request.programs.push_back(*std::move(program));
  auto& command = request.plan.experiment.workloads.command;
  if (command.empty()) return Done{};
  command = session::hand_over(TRY(vm::users_command(command)), request);
  return Done{};
}

// An experiment that failed makes the run exit 1.
void show_reproduction(const session::RunOutcome& outcome, const Arguments& line, CommandResult& result) {
  const auto targets = reproductions_of(outcome);
  for (const auto& target : targets) {
    for (const auto& failed : reproduce::failed_experiments(target.told)) result.problem += failed + "\n";
  }
  if (targets.empty() || !outcome.directory) return;
  result.output = text::reproduction_text(targets);
  const auto written =
      write_file_atomic(outcome.directory->reproduce_path(), reproduce::write_reproductions(targets, line));
  if (!written) result.add_problem(written.error());
}

}  // namespace

void add_options(CLI::App& app, ReproduceOptions& options) {
  add_kernel_options(app, options);
  add_refused_arch_option(app, options);
  add_target_options(app, options);
  options.parts = fmt::format("{}", fmt::join(part_names(), ","));
  app.add_option("--part", options.parts, fmt::format("{} [all]", fmt::join(part_names(), ", ")))
      ->join(',')
      ->type_name("LIST");
  app.add_option("--line", options.line, "pruning: leave sites out until no workload is slower by that [5%]")
      ->type_name("PERCENT");
  app.add_option("--suite", options.suites, "functions to probe: names in suites, or files [all]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--workload", options.workloads, "operations to run, by name [all]")
      ->join(',')
      ->type_name("LIST");
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  app.footer(kReproduceFooter);
}

Status take_options(Arguments passed, ReproduceOptions& options) {
  TRY(refuse_arch(options, "reproduce", "compares int3 with a jump, and a kprobe of arm64 has no jump"));
  const auto parts = TRY(parts_from(options.parts));
  options.runs_workloads = parts.contains(ExperimentPart::workloads);
  options.prunes = parts.contains(ExperimentPart::pruning);
  const double line = TRY(line_from(options.line));
  if (!passed.empty() && !options.runs_workloads) {
    return Error{Fault::usage,
                 fmt::format("'{}' after --: a workload, but --part leaves workloads out", passed.front()), 0,
                 "add workloads to --part"};
  }
  plan::choose_experiments(parts, std::move(passed), options.plan);
  if (options.prunes) options.plan.experiment.workloads.line_percent = line;
  return check_measuring(options);
}

std::vector<reproduce::Reproduction> reproductions_of(const session::RunOutcome& outcome) {
  std::vector<reproduce::Reproduction> targets;
  for (const auto& page : outcome.pages) {
    targets.push_back(reproduce::reproduction_of(*page.target, page.cells, page.experiments));
  }
  return targets;
}

Result<session::RunRequest> reproduce_request(const ReproduceOptions& options, const Arguments& line) {
  auto request = request_for(options, line);
  if (!request.deadline_given) request.silence_deadline = kPatience;
  if (options.runs_workloads || options.prunes) {
    auto status = take_suites(options, request.plan.experiment.workloads);
    if (status && !request.targets.any_native()) status = take_programs(request);
    if (!status) return status.error();
  }
  return request;
}

Result<CommandResult> perform(const ReproduceOptions& options, const Arguments& line) {
  const auto request = TRY(reproduce_request(options, line));
  return measure(options, request,
                 [&](const auto& outcome, auto& result, auto&) { show_reproduction(outcome, line, result); });
}

Subcommand add_reproduce(CLI::App& app) {
  return subcommand<ReproduceOptions>(
      app.add_subcommand("reproduce", "int3 against jump: who is right, and when"));
}

}  // namespace probebench::cli
