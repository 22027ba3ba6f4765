// SPDX-License-Identifier: MIT
#include "cli/gate_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/options.h"
#include "cli/run_options.h"
#include "gate/export.h"
#include "plan/suggest.h"

namespace probebench {
namespace {

constexpr unsigned kMostPairs = 1000;

constexpr const char* kCompareFooter =
    "\nA, B: a results.json, a run's directory, or a name in ci/baselines/.\n"
    "\nExample:\n  ./run-bench compare results/one results/latest --format markdown\n";

constexpr const char* kGateFooter =
    "A, B as for compare; A may be a folder of baselines; A alone: a session, again.\n"
    "Noisy figures are judged only when both sides are measured here, interleaved.\n"
    "A side: kernel=6.1, build=DIR, arg=mitigations=off, handler=count; repeatable.\n"
    "Exit: 0 pass, 3 regression or missing cells, 5 inconclusive or incomparable\n"
    "Examples:\n"
    "  ./run-bench gate ci/baselines results/latest\n"
    "  ./run-bench gate --base kernel=6.1 --head kernel=6.12 --probe-type kmod\n";

constexpr const char* kUpdateFooter =
    "\nRUN: a results.json or a run's directory, of exact counts.\n"
    "\nExample:\n  ./run-bench baseline update results/latest --reason 'kernel 6.12.120'\n";

void add_match_options(CLI::App& app, GateOptions& gate) {
  app.add_option("--may-differ", gate.may_differ, "facts that targets may differ in")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("FACTS");
  app.add_option("--baselines", gate.baselines, "the folder of baselines [ci/baselines]")->type_name("DIR");
}

void add_report_options(CLI::App& app, GateOptions& gate) {
  app.add_option("--format", gate.format, "table, markdown, json or csv [table]")
      ->check(CLI::IsMember({"table", "markdown", "json", "csv"}).description(""))
      ->type_name("WHAT");
  app.add_option("--export", gate.exports, "also json, csv, markdown, junit, bmf, smaller, selftest")
      ->delimiter(',')
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("WHAT=FILE");
}

void add_measuring_options(CLI::App& app, Options& options) {
  auto& gate = options.gate;
  app.add_option("--base", gate.base, "measure this side ..")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  app.add_option("--head", gate.head, ".. against this one [the project as it is]")
      ->take_all()
      ->allow_extra_args(false)
      ->type_name("NAME=VALUE");
  app.add_option("--pairs", gate.pairs, "interleaved pairs of noisy measurements [20]")
      ->check(CLI::Range(9U, kMostPairs).description(""))
      ->type_name("N");
  app.add_flag("--no-confirmation", gate.no_confirmation, "do not measure a red cell again");
  app.add_flag("--no-anatomy", gate.no_anatomy, "do not name the functions that counts differ in");
  add_plan_options(app, options.plan);
  add_kernel_options(app, options);
  app.add_option("--target", options.target, "vm, or native: the running kernel [auto: vm]")
      ->check(CLI::IsMember({"auto", "vm", "native"}).description(""))
      ->type_name("WHAT");
  app.add_option("--output", options.output, "put the session's files here [results/<run>]")
      ->type_name("DIR");
}

// Sides are "A B" or --base and --head, not both.
Status check_gate(const GateOptions& gate) {
  if (gate.measures() && !gate.a.empty()) {
    return Error{Fault::usage, fmt::format("{}: --base and --head measure, files are not needed", gate.a), 0,
                 "leave one of them out"};
  }
  if (!gate.measures() && gate.a.empty()) {
    return Error{Fault::usage, "gate takes two results, none given", 0,
                 "pass A B, one session's directory, or --base and --head"};
  }
  return Done{};
}

Status check_sides(const Options& options) {
  for (const auto* side : {&options.gate.base, &options.gate.head}) {
    const auto wish = side_wish(side == &options.gate.base ? "--base" : "--head", *side);
    if (!wish) return wish.error();
    if (options.target == "native" && !(wish->kernel.empty() && wish->kernel_args.empty())) {
      return Error{Fault::usage,
                   "--target native measures the running kernel: a side is a build or a handler", 0,
                   "leave kernel= and arg= out, or use --target vm"};
    }
  }
  return Done{};
}

Status check_exports(const GateOptions& gate) {
  for (const auto& one : gate.exports) {
    const auto name = one.substr(0, one.find('='));
    const auto known = std::ranges::find(kExports, name, &ExportFormat::name) != kExports.end();
    if (known && one.size() > name.size() + 1) continue;
    std::vector<std::string_view> names;
    for (const auto& format : kExports) names.push_back(format.name);
    return Error{
        Fault::usage,
        fmt::format("--export {}: expected WHAT=FILE, WHAT being one of {}", one, fmt::join(names, ", ")), 0,
        known ? std::string() : did_you_mean(name, names, "")};
  }
  return Done{};
}

}  // namespace

GateApps add_gate_commands(CLI::App& app, Options& options) {
  auto& gate = options.gate;
  GateApps apps;
  apps.compare = app.add_subcommand("compare", "two results side by side");
  apps.compare->add_option("A", gate.a, "the base")->required()->type_name("");
  apps.compare->add_option("B", gate.b, "what is compared with it")->required()->type_name("");
  add_match_options(*apps.compare, gate);
  add_report_options(*apps.compare, gate);
  apps.compare->footer(kCompareFooter);
  apps.gate = app.add_subcommand("gate", "the same with a verdict and an exit code");
  apps.gate->add_option("A", gate.a, "the base")->type_name("");
  apps.gate->add_option("B", gate.b, "what is judged")->type_name("");
  apps.gate->add_option("--limits", gate.limits, "what may change, in TOML [nothing]")->type_name("FILE");
  add_match_options(*apps.gate, gate);
  add_report_options(*apps.gate, gate);
  add_measuring_options(*apps.gate, options);
  apps.gate->footer(kGateFooter);
  apps.baseline = app.add_subcommand("baseline", "baseline update: accept a run's counts");
  apps.baseline->require_subcommand(1);
  apps.update = apps.baseline->add_subcommand("update", "accept a run's counts");
  apps.update->add_option("RUN", gate.a, "the run")->required()->type_name("");
  apps.update->add_option("--reason", gate.reason, "why the counts are as they are now; kept")
      ->required()
      ->type_name("TEXT");
  apps.update->add_option("--baselines", gate.baselines, "the folder of baselines [ci/baselines]")
      ->type_name("DIR");
  apps.update->footer(kUpdateFooter);
  return apps;
}

Status check_gate_options(const Options& options) {
  const auto& gate = options.gate;
  if (options.action == Action::gate) {
    if (auto status = check_gate(gate); !status) return status;
    if (auto status = check_sides(options); !status) return status;
  }
  if (options.action == Action::baseline_update &&
      gate.reason.find_first_not_of(" \t") == std::string::npos) {
    return Error{Fault::usage, "--reason '': expected a sentence", 0, "say why the counts are accepted"};
  }
  return check_exports(gate);
}

Result<SideWish> side_wish(std::string_view option, const std::vector<std::string>& parts) {
  constexpr std::array<std::string_view, 4> kNames{"kernel", "build", "arg", "handler"};
  SideWish wish;
  for (const auto& part : parts) {
    const auto name = part.substr(0, part.find('='));
    const auto value = part.size() > name.size() ? part.substr(name.size() + 1) : std::string();
    if (std::ranges::find(kNames, name) == kNames.end() || value.empty()) {
      return Error{
          Fault::usage,
          fmt::format("{} {}: expected kernel=NAME, build=DIR, arg=ARGS or handler=NAME", option, part), 0,
          did_you_mean(name, kNames, "see ./run-bench gate --help")};
    }
    if (name == "kernel") wish.kernel = value;
    if (name == "build") wish.build = value;
    if (name == "arg") wish.kernel_args += (wish.kernel_args.empty() ? "" : " ") + value;
    if (name == "handler") wish.handler = value;
  }
  return wish;
}

}  // namespace probebench
