// SPDX-License-Identifier: MIT
#include "cli/cost_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "anatomy/anatomy_json.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cost_suite.h"
#include "plan/selection.h"
#include "plan/tracefs_line.h"
#include "probe_cost/cost_summary.h"
#include "text/cost_text.h"

namespace probebench::cli {
namespace {

// Of windows of time, which are noisy.
constexpr std::uint32_t kTimedRounds = 15;

constexpr const char* kCostFooter =
    "\nArms a probe that you bring in a virtual machine, proves that each operation of\n"
    "the workload hits it once, and counts what an operation costs with it and\n"
    "without. Exactly one of --bpf-object, --module, --setup and -- CMD arms it; of a\n"
    "--suite, each recipe says what does.\n"
    "\nExamples:\n"
    "  ./run-bench cost --workload byte-io --bpf-object my.bpf.o\n"
    "  ./run-bench cost --workload byte-io --module my_kprobe.c --kernel 6.1,6.12\n"
    "  ./run-bench cost --workload open-close \\\n"
    "    --setup 'kprobe_events=p:mine do_sys_openat2' \\\n"
    "    --setup 'events/kprobes/mine/enable=1'\n"
    "  ./run-bench cost --workload pread --from trixie -- bpftrace -e 'kprobe:vfs_read {}'\n"
    "  ./run-bench cost --suite recipes\n"
    "  ./run-bench cost --target native --yes-attach-here --workload pread \\\n"
    "    -- bpftrace -e 'kprobe:vfs_read {}'\n";

Error usage(std::string what, std::string hint = {}) {
  return {Fault::usage, "cost: " + std::move(what), 0, std::move(hint)};
}

// The one of them that is given.
Result<ProbeSource> source_of(const CostOptions& options, const Arguments& passed) {
  std::vector<ProbeSource> given;
  if (!options.bpf_object.empty()) given.push_back(ProbeSource::bpf_object);
  if (!options.probe_module.empty()) given.push_back(ProbeSource::module);
  if (!passed.empty()) given.push_back(ProbeSource::command);
  // Lines may also come before a command, which then enables what they define.
  if (!options.setup.empty() && passed.empty()) given.push_back(ProbeSource::tracefs);
  if (given.size() == 1) return given.front();
  if (given.empty()) return usage("nothing arms a probe", "--bpf-object, --module, --setup or -- CMD");
  return usage(fmt::format("{} and {}: one of them arms the probe", info_of(given[0]).option,
                           info_of(given[1]).option),
               "leave the others out");
}

Status take_setup(const CostOptions& options, CostPlan& plan) {
  for (const auto& text : options.setup)
    plan.setup.push_back(TRY(plan::tracefs_line_from("cost: --setup", text)));
  return Done{};
}

// As the kernel reads them when it loads a module.
Status take_parameters(const CostOptions& options, CostPlan& plan) {
  if (options.parameters.empty()) return Done{};
  if (plan.source != ProbeSource::module) {
    return usage("--parameter: no module arms the probe", "leave it out, or name one by --module");
  }
  for (const auto& one : options.parameters) {
    const auto name = one.substr(0, one.find('='));
    if (name.empty() || name.find_first_of(" \t\n") != std::string::npos) {
      return usage(fmt::format("--parameter {}: no parameter of a module", one), "NAME=VALUE");
    }
  }
  plan.parameters = fmt::format("{}", fmt::join(options.parameters, " "));
  return Done{};
}

// What a user brings is armed on the running kernel only when he says so, and only what goes with our
// process.
Status check_native(const CostOptions& options, const CostPlan& plan) {
  if (!options.attach_here) {
    return usage("--target native arms the probe on the running kernel, where everybody hits it",
                 "add --yes-attach-here to agree, or leave --target out");
  }
  if (plan.source == ProbeSource::module) {
    return usage("--module and --target native: a module of yours is loaded in a virtual machine alone",
                 "leave --target out");
  }
  const std::pair<bool, const char*> theirs[] = {
      {!options.from.empty(), "--from"}, {!options.carry.empty(), "--carry"}, {options.anatomy, "--anatomy"}};
  for (const auto& [given, option] : theirs) {
    if (given)
      return usage(fmt::format("{} and --target native: only for virtual machines", option), "leave it out");
  }
  return Done{};
}

Status check_place(const CostOptions& options) {
  TRY(refuse_ssh(options, "cost"));
  TRY(refuse_arch(options, "cost",
                  "what a probe changes in the kernel's text is told by x86-64's instructions"));
  if (options.attach_here && !options.native()) {
    return usage("--yes-attach-here: goes with --target native", "leave it out");
  }
  if (options.native() && !options.suite.empty()) {
    return usage("--suite and --target native: recipes are armed in virtual machines alone",
                 "leave --target out, or name one probe");
  }
  return Done{};
}

Status take_suite(const Arguments& passed, CostOptions& options) {
  TRY(check_suite(options, passed));
  TRY(count_instructions("cost", options));
  return check_measuring(options);
}

// As the kernel calls it.
std::string module_name(const CostOptions& options) {
  auto name = options.probe_module.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

std::optional<cost::HitTime> time_of_hit(const session::TargetPage& page) {
  if (page.cells.empty()) return std::nullopt;
  const auto& summary = page.cells.front().summary;
  const auto tsc_khz = page.target->info.environment.tsc_khz;
  if (summary.ns_per_hit && tsc_khz != 0) {
    return cost::HitTime{*summary.ns_per_hit, "ns", 1e6 / static_cast<double>(tsc_khz)};
  }
  if (!summary.ticks_per_hit) return std::nullopt;
  return cost::HitTime{*summary.ticks_per_hit, "ticks"};
}

void take_page(const CostOptions& options, const session::TargetPage& page, cost::Costs& costs,
               CommandResult& result) {
  if (page.experiments.costs.empty() && !page.target->ended.empty()) {
    result.problem +=
        "no answer: the run ended during " + page.target->in_flight.value_or("its start") + "\n";
  }
  for (const auto& cost : page.experiments.costs) {
    cost::TargetCost told{page.target->info.id, cost};
    if (!counts_instructions(*page.target->info.clock)) told.time = time_of_hit(page);
    if (!page.anatomies.empty()) {
      told.path = cost::handler_path(page.anatomies.front(), module_name(options), cost.source_lines);
      told.path->add_rest(cost::figures_of(cost)->per_hit);
    }
    if (!result.output.empty()) result.output += "\n";
    result.output += text::cost_text(told);
    if (cost.status != CellStatus::measured) {
      result.problem += fmt::format("{}: {}\n", name_of(cost.status), cost.reason);
    }
    costs.push_back(std::move(told));
  }
}

bool nothing_measured(const cost::Costs& costs) {
  return std::ranges::none_of(costs, [](const auto& one) { return one.cost.status == CellStatus::measured; });
}

// Nothing else failed.
bool wrong_input_alone(const cost::Costs& costs) {
  return std::ranges::any_of(costs, [](const auto& one) { return one.cost.wrong_input; }) &&
         std::ranges::all_of(costs, [](const auto& one) {
           return one.cost.wrong_input || one.cost.status == CellStatus::measured ||
                  one.cost.status == CellStatus::skipped;
         });
}

Status write_files(const CostOptions& options, const session::RunOutcome& outcome, const cost::Costs& costs,
                   const Arguments& line) {
  const auto& directory = *outcome.directory;
  TRY(write_file_atomic(directory.cost_path(), cost::write_costs(costs, line)));
  if (!options.anatomy) return Done{};
  return write_file_atomic(directory.anatomy_path(), anatomy::write_anatomies(outcome.anatomies()));
}

void show_costs(const CostOptions& options, const session::RunOutcome& outcome, const Arguments& line,
                CommandResult& result) {
  cost::Costs costs;
  for (const auto& page : outcome.pages) take_page(options, page, costs, result);
  if (result.exit_code == ExitCode::fine && nothing_measured(costs)) {
    result.exit_code = ExitCode::nothing_measured;
  }
  if (result.exit_code == ExitCode::cell_failed && wrong_input_alone(costs))
    result.exit_code = ExitCode::usage;
  if (costs.empty() || !outcome.directory) return;
  const auto written = write_files(options, outcome, costs, line);
  if (!written) result.add_problem(written.error());
}

}  // namespace

Result<WorkloadId> workload_of(const char* command, const std::string& name) {
  const auto known = plan::operation_names();
  auto hint = fmt::format("one of {}", fmt::join(known, ", "));
  if (const auto found = plan::operation_from_name(name)) return *found;
  if (!name.empty()) hint = plan::did_you_mean(name, known, hint);
  const auto what = name.empty() ? "--workload is missing" : fmt::format("--workload {}: unknown", name);
  return Error{Fault::usage, fmt::format("{}: {}", command, what), 0, std::move(hint)};
}

Status count_instructions(const char* command, MeasuringOptions& options) {
  if (options.accel == "kvm") {
    return Error{Fault::usage,
                 fmt::format("{}: --accel kvm: instructions are counted under emulation", command), 0,
                 "leave it out"};
  }
  options.accel = "tcg";
  options.clock = "instructions";
  return Done{};
}

Status take_workload(const char* command, const std::string& text, CostPlan& plan) {
  if (text.find('/') == std::string::npos) {
    plan.workload = TRY(workload_of(command, text));
    return Done{};
  }
  plan.workload = WorkloadId::command;
  for (const auto word : split(text, ' ')) {
    if (!word.empty()) plan.program.emplace_back(word);
  }
  return Done{};
}

void add_options(CLI::App& app, CostOptions& options) {
  app.add_option("--workload", options.workload,
                 "the operation that hits the probe once, or a program of yours: ./mine ARGS")
      ->type_name("NAME");
  app.add_option("--bpf-object", options.bpf_object, "libbpf attaches its programs by their sections")
      ->type_name("FILE");
  app.add_option("--module", options.probe_module, "a kernel module, or the one source of one")
      ->type_name("FILE");
  app.add_option("--parameter", options.parameters, "a parameter of the module; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  app.add_option("--setup", options.setup, "write LINE to a file of tracefs; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("FILE=LINE");
  app.add_option("--from", options.from, "take the command from a suite's package: trixie, trixie:linux-perf")
      ->type_name("SUITE[:PACKAGE]");
  app.add_option("--carry", options.carry,
                 "a file, directory or program that the command needs; may be repeated")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME");
  app.add_option("--suite", options.suite, "each recipe of a suite: recipes, or a file")->type_name("NAME");
  app.add_flag("--anatomy", options.anatomy, "also say where each instruction of a hit goes");
  app.add_option("--target", options.target, "vm, or native: the running kernel, which is timed [vm]")
      ->type_name("NAME");
  app.add_flag("--yes-attach-here", options.attach_here, "native: arm the probe on the running kernel");
  app.add_option("--cpu-list", options.cpu_list, "native: measure on one of these CPUs [isolated or idle]")
      ->type_name("CPUS");
  add_jobs_option(app, options);
  add_kernel_options(app, options);
  add_refused_arch_option(app, options);
  add_output_option(app, options.output);
  app.add_flag("--dry-run", options.dry_run, "print the plan and the targets, boot nothing");
  app.footer(kCostFooter);
}

Status take_options(Arguments passed, CostOptions& options) {
  TRY(check_place(options));
  if (!options.suite.empty()) return take_suite(passed, options);
  CostPlan plan;
  TRY(take_workload("cost", options.workload, plan));
  if (options.anatomy && info_of(plan.workload).lengthy) {
    return usage("--anatomy: a path is that of one short operation, not of a whole program",
                 "name another of the operations");
  }
  plan.source = TRY(source_of(options, passed));
  if (!options.from.empty() && plan.source != ProbeSource::command) {
    return usage("--from: no command arms the probe", "leave it out, or name one behind --");
  }
  if (!options.carry.empty() && plan.source != ProbeSource::command) {
    return usage("--carry: no command arms the probe", "leave it out, or name one behind --");
  }
  TRY(take_parameters(options, plan));
  plan.command = std::move(passed);
  TRY(take_setup(options, plan));
  TRY(options.native() ? check_native(options, plan) : count_instructions("cost", options));
  if (options.native()) plan.rounds = kTimedRounds;
  options.plan.experiment.cost = std::move(plan);
  return check_measuring(options);
}

Result<CommandResult> perform(const CostOptions& options, const Arguments& line) {
  if (!options.suite.empty()) return perform_suite(options, line);
  const auto request = TRY(cost_request(options, line));
  return measure(options, request, [&](const auto& outcome, auto& result, auto&) {
    show_costs(options, outcome, line, result);
  });
}

Subcommand add_cost(CLI::App& app) {
  return subcommand<CostOptions>(app.add_subcommand("cost", "what a hit of your own probe costs"));
}

}  // namespace probebench::cli
