// SPDX-License-Identifier: MIT
#include "cli/reproduce_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "base/split.h"
#include "plan/experiments.h"
#include "plan/suggest.h"

namespace probebench::cli {
namespace {

constexpr const char* kReproduceFooter =
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
                   plan::did_you_mean(name, names, "the parts are per-hit, surface and workloads")};
    }
    parts.insert(found->id);
  }
  return parts;
}

}  // namespace

void add_options(CLI::App& app, ReproduceOptions& options) {
  add_kernel_options(app, options);
  add_target_options(app, options);
  app.add_option("--part", options.parts, "per-hit, surface, workloads [all three]")
      ->join(',')
      ->type_name("LIST");
  app.add_option("--suite", options.suites, "functions to probe: names in suites [all]")
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
  const auto parts = parts_from(options.parts);
  if (!parts) return parts.error();
  options.runs_workloads = parts->contains(ExperimentPart::workloads);
  if (!passed.empty() && !options.runs_workloads) {
    return Error{Fault::usage,
                 fmt::format("'{}' after --: a workload, but --part leaves workloads out", passed.front()), 0,
                 "add workloads to --part"};
  }
  plan::choose_experiments(*parts, std::move(passed), options.plan);
  return check_measuring(options);
}

}  // namespace probebench::cli
