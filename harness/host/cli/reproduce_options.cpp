// SPDX-License-Identifier: MIT
#include "cli/reproduce_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "base/split.h"
#include "cli/options.h"
#include "cli/run_options.h"
#include "plan/experiments.h"
#include "plan/suggest.h"

namespace probebench {
namespace {

constexpr const char* kFooter =
    "\nIs a jump probe ten times cheaper than int3, or \"not so much\"? Measures both.\n"
    "What follows -- is a workload of your own.\n"
    "\nExamples:\n"
    "  ./run-bench reproduce --kernel 5.10,6.12\n"
    "  ./run-bench reproduce --part per-hit\n";

Result<std::set<ExperimentPart>> parts_from(const std::string& list) {
  std::set<ExperimentPart> parts;
  std::vector<std::string_view> names;
  for (const auto& info : kExperimentParts) names.push_back(info.name);
  for (const auto name : split(list, ',')) {
    const auto found = std::ranges::find(kExperimentParts, name, &ExperimentPartInfo::name);
    if (found == kExperimentParts.end()) {
      return Error{Fault::usage, fmt::format("--part {}: there is no such part", name), 0,
                   did_you_mean(name, names, "the parts are per-hit, surface and workloads")};
    }
    parts.insert(found->id);
  }
  return parts;
}

}  // namespace

CLI::App* add_reproduce_command(CLI::App& app, Options& options) {
  auto* reproduce = app.add_subcommand("reproduce", "int3 against jump: who is right, and when");
  add_kernel_options(*reproduce, options);
  add_target_options(*reproduce, options);
  reproduce->add_option("--part", options.reproduce.parts, "per-hit, surface, workloads [all three]")
      ->join(',')
      ->type_name("LIST");
  reproduce->add_option("--suite", options.reproduce.suites, "functions to probe: names in suites [all]")
      ->join(',')
      ->type_name("LIST");
  reproduce->add_option("--workload", options.reproduce.workloads, "operations to run, by name [all]")
      ->join(',')
      ->type_name("LIST");
  reproduce->add_option("--output", options.output, "put the run's files here [results/<run>]")
      ->type_name("DIR");
  reproduce->add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  reproduce->footer(kFooter);
  return reproduce;
}

Status take_reproduce(Options& options) {
  options.action = Action::reproduce;
  const auto parts = parts_from(options.reproduce.parts);
  if (!parts) return parts.error();
  auto command = std::move(options.plan.benchmark_args);
  options.plan.benchmark_args.clear();
  if (!command.empty() && !parts->contains(ExperimentPart::workloads)) {
    return Error{Fault::usage,
                 fmt::format("'{}' after --: a workload, but --part leaves workloads out", command.front()),
                 0, "add workloads to --part"};
  }
  options.reproduce.runs_workloads = parts->contains(ExperimentPart::workloads);
  choose_experiments(*parts, std::move(command), options.plan);
  return Done{};
}

}  // namespace probebench
